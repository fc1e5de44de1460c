import { type Command, Option } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';

const EXAMPLES = `
Examples:
  $ TOKEN=$(outrider lab token --roles Incidents.Read,Incidents.Sync)
  $ TOKEN=$(outrider lab token --as operator)                     a person, with the app roles they have
  $ TOKEN=$(outrider lab token --as reader --tenant <tenant id>)  a customer's`;

const PEOPLE = ['admin', 'operator', 'reader', 'outsider'];

interface TokenOptions {
  readonly roles?: string;
  readonly as?: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

/** `outrider lab token`: a caller's token for the app's API. */
export function registerToken(lab: Command): void {
  lab
    .command('token')
    .description("Print a token for the app's API in the running lab: an app's, or a person's.")
    .option(
      '--roles <names>',
      'app roles, with commas between them: Incidents.Read, Incidents.Sync, Incidents.Update, Hunts.Read, Hunts.Run, Tenants.Read, Tenants.Manage',
    )
    .addOption(
      new Option('--as <person>', "a person's token; without --roles with their own").choices(PEOPLE),
    )
    .option('--tenant <id>', "of this tenant's directory (its id); default the home tenant")
    .option('--json', 'as a JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printToken);
}

async function printToken(options: TokenOptions): Promise<void> {
  const roles = options.roles?.split(/[,\s]+/).filter((role) => role !== '');
  if (roles?.length === 0) fail(EXIT.usage, 'lab token: --roles names no role; try --roles Incidents.Read.');
  const answer =
    options.as === undefined ? await appToken(options, roles) : await personToken(options, roles);
  const { token } = answer as { readonly token: string };
  if (options.json) printJson({ token, ...(roles === undefined ? {} : { roles }) });
  else process.stdout.write(`${token}\n`);
}

function appToken({ tenant }: TokenOptions, roles: readonly string[] | undefined): Promise<unknown> {
  if (roles === undefined) return fail(EXIT.usage, 'lab token: say --roles, or --as for a person.');
  return callLab('POST', '/token', { roles, tenant });
}

function personToken({ as, tenant }: TokenOptions, roles: readonly string[] | undefined): Promise<unknown> {
  return callLab('POST', '/user-token', { part: as, tenantId: tenant, roles });
}
