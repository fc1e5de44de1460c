import type { RunDependencies } from '../run/dependencies.ts';
import { type HuntOutcome, runHunt } from '../run/run.ts';
import type { ScheduledHuntDependencies } from './dependencies.ts';
import { settleHuntMessage } from './settle.ts';

/** Outcomes after which the run is over, or may be: another may have ended it. */
const MAY_BE_OVER: ReadonlySet<HuntOutcome> = new Set<HuntOutcome>([
  'succeeded',
  'truncated',
  'failed',
  'cancelled',
  'superseded',
  'ended',
  'fenced',
]);

/**
 * One message of the hunting queue, whoever asked for its run: runs it, and stores the findings of a scheduled run that
 * is over. What fails between the two is made up for by the same message when it comes again.
 *
 * @throws OutriderError as `runHunt` and `settleHuntMessage`
 */
export async function runHuntAndSettle(
  dependencies: RunDependencies & ScheduledHuntDependencies,
  message: unknown,
  signal?: AbortSignal | undefined,
): Promise<HuntOutcome> {
  const outcome = await runHunt(dependencies, message, signal);
  if (MAY_BE_OVER.has(outcome)) await settleHuntMessage(dependencies, message);
  return outcome;
}
