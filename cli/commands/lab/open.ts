import type { Command } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import { printJson } from '../../output/json.ts';

const EXAMPLES = `
Examples:
  $ outrider lab open https://microsoft.com/devicelogin
  $ outrider lab open "https://login.microsoftonline.com/…/authorize?…"   the address that outrider login prints`;

/** `outrider lab open`: a sign-in page of the lab, for a browser that does not run in the lab. */
export function registerOpen(lab: Command): void {
  lab
    .command('open')
    .description("Print where this machine's browser finds a sign-in or consent page of the running lab.")
    .argument('<address>', "the page's own address")
    .option('--json', 'as a JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printAddress);
}

async function printAddress(address: string, options: { json?: boolean }): Promise<void> {
  const page = (await callLab('POST', '/sign-in-page', { address })) as { readonly address: string };
  if (options.json) printJson(page);
  else process.stdout.write(`${page.address}\n`);
}
