import type { Command } from 'commander';
import { registerHuntCancel } from './cancel.ts';
import { registerHuntRun } from './run.ts';
import { registerHuntShow } from './show.ts';

const EXAMPLES = `
Examples, with the settings of a running lab (outrider lab):
  $ outrider lab exec -- outrider hunt run device-files-to-usb --all --param LeastFiles=50
  $ outrider lab exec -- outrider hunt run my-query.kql --tenant Fabrikam --timespan P1D --output csv
  $ outrider lab exec -- outrider hunt show RUN`;

/** `outrider hunt …`: runs of hunting queries, by the app that the environment's settings belong to. */
export function registerHunt(program: Command): void {
  const hunt = program
    .command('hunt')
    .description('Run a hunting query in tenants, look at runs, cancel them.')
    .addHelpText('after', EXAMPLES);
  for (const register of [registerHuntRun, registerHuntShow, registerHuntCancel]) register(hunt);
}
