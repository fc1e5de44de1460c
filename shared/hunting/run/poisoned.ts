import type { Log } from '../../log.ts';
import type { RequestDependencies } from './dependencies.ts';
import { endRun } from './end-run.ts';
import { readHuntMessage } from './message.ts';
import { readRunState } from './read.ts';
import { isFinal } from './record.ts';

/**
 * A message that failed again and again is our own fault, or storage's. Its run ends as failed: nothing else would
 * end it. One that has ended meanwhile stays as it is.
 */
export async function recordPoisonedHunt(
  dependencies: Pick<RequestDependencies, 'table' | 'blobs' | 'clock'> & { readonly log: Log },
  message: unknown,
): Promise<void> {
  const target = readHuntMessage(message);
  dependencies.log.error('hunt.poisoned', { tenant: target?.tenant, run: target?.run });
  if (!target) return;
  const found = await readRunState(dependencies, target);
  if (!found || isFinal(found.state)) return;
  await endRun(dependencies, target.tenant, target.run, {
    state: 'failed',
    failure: {
      code: 'internal',
      text: "The run failed several times for a reason of Outrider's own or of its storage account; the log has it under event hunt.poisoned. Ask again.",
    },
  });
}
