import type { Command } from 'commander';
import { EXIT } from '../../output/failure.ts';
import { createScreen } from '../../output/screen.ts';
import { createStderrLog } from '../../output/stderr-log.ts';
import { runNamed } from './target.ts';

/** `outrider hunt cancel RUN`: 1 when the run had ended in another way before. */
export function registerHuntCancel(hunt: Command): void {
  hunt
    .command('cancel')
    .description('Cancel a run.')
    .argument('<run>', 'its id')
    .addHelpText('after', '\nExample:\n  $ outrider lab exec -- outrider hunt cancel RUN')
    .action(async (id: string) => {
      const target = runNamed(id);
      const { createOutrider } = await import('../../../shared/app.ts');
      const hunting = await createOutrider().hunting();
      const { state } = await hunting.cancel(createStderrLog(), { ...target, by: 'command line' });
      createScreen().line(`The run is ${state}.`);
      process.exitCode = state === 'cancelled' ? EXIT.done : EXIT.no;
    });
}
