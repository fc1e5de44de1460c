import type { Command } from 'commander';
import type { HuntRunDetails } from '../../../shared/hunting/run/types.ts';
import { allTenants } from '../../all-tenants.ts';
import { printable } from '../../output/display-text.ts';
import { EXIT } from '../../output/failure.ts';
import { createScreen } from '../../output/screen.ts';
import { addRowsOutput, type RowsOutput, writeRuns } from './rows-output.ts';
import { runNamed } from './target.ts';

/** `outrider hunt show RUN`: what was asked, what became of it, and its rows. */
export function registerHuntShow(hunt: Command): void {
  const command = hunt
    .command('show')
    .description('Show a run; its rows on stdout, all else on stderr.')
    .argument('<run>', 'its id')
    .addHelpText('after', '\nExample:\n  $ outrider lab exec -- outrider hunt show RUN --output csv')
    .action(async (id: string, { output }: { readonly output: RowsOutput }) => {
      const target = runNamed(id);
      const { createOutrider } = await import('../../../shared/app.ts');
      const outrider = createOutrider();
      const hunting = await outrider.hunting();
      const run = await hunting.run(target);
      tellFacts(run);
      const what = { entries: [target], runs: new Map([[run.id, run]]), tenants: await allTenants(outrider) };
      process.exitCode = (await writeRuns(hunting, what, output)) ? EXIT.done : EXIT.no;
    });
  addRowsOutput(command);
}

function tellFacts(run: HuntRunDetails): void {
  const screen = createScreen(process.stderr);
  for (const [label, value] of factsOf(run)) {
    if (value !== undefined) screen.line(`${screen.paint('dim', label.padEnd(10))} ${printable(value)}`);
  }
  screen.line();
  for (const line of run.text.trimEnd().split('\n')) screen.line(printable(line.replaceAll('\t', '    ')));
  screen.line();
}

function factsOf(run: HuntRunDetails): readonly (readonly [string, string | undefined])[] {
  const { state, askedBy, query, timespan, requestedMs, beganMs, endedMs, waitsUntilMs, waitsFor } = run;
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
  return [
    ['State', state],
    ['Waits', waitsUntilMs === undefined ? undefined : `for ${waitsFor}, until ${time(waitsUntilMs)}`],
    ['Query', query?.id],
    ['Timespan', timespan ?? '30 days'],
    ['Asked', `${time(requestedMs)} by ${askedBy}`],
    ['Began', time(beganMs)],
    ['Ended', time(endedMs)],
    ['Slices', run.slices.length > 0 ? String(run.slices.length) : undefined],
  ];
}
