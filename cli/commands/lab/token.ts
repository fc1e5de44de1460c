import type { Command } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';

const EXAMPLES = `
Example:
  $ TOKEN=$(outrider lab token --roles Incidents.Read,Incidents.Sync)`;

/** `outrider lab token`: a caller's token for the app's API. */
export function registerToken(lab: Command): void {
  lab
    .command('token')
    .description("Print a token for the app's API in the running lab.")
    .requiredOption(
      '--roles <names>',
      'app roles, with commas between them: Incidents.Read, Incidents.Sync, Hunts.Read, Hunts.Run',
    )
    .option('--json', 'as a JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printToken);
}

async function printToken(options: { roles: string; json?: boolean }): Promise<void> {
  const roles = options.roles.split(/[,\s]+/).filter((role) => role !== '');
  if (roles.length === 0) fail(EXIT.usage, 'lab token: --roles names no role; try --roles Incidents.Read.');
  const answer = (await callLab('POST', '/token', { roles })) as { readonly token: string };
  if (options.json) printJson({ token: answer.token, roles });
  else process.stdout.write(`${answer.token}\n`);
}
