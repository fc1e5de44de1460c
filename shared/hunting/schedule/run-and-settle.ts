import type { RunDependencies } from '../run/dependencies.ts';
import { cancelRun } from '../run/end-run.ts';
import { recordPoisonedHunt } from '../run/poisoned.ts';
import { type HuntOutcome, runHunt } from '../run/run.ts';
import type { HuntRun } from '../run/types.ts';
import type { ScheduledHuntDependencies } from './dependencies.ts';
import { settleEnded, settleHuntMessage } from './settle.ts';

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

/**
 * Cancels a run, whoever asked for it: a scheduled query does not go on waiting for it.
 *
 * @returns as `cancelRun`
 * @throws OutriderError as `cancelRun` and `settleEnded`; asking again goes on
 */
export async function cancelRunAndSettle(
  dependencies: ScheduledHuntDependencies,
  target: { readonly tenant: string; readonly run: string; readonly by: string },
): Promise<HuntRun | undefined> {
  const ended = await cancelRun(dependencies, target);
  if (ended) await settleEnded(dependencies, target);
  return ended;
}

/**
 * Ends the run of a message that failed again and again; the query of a scheduled one says that it is failing.
 *
 * @throws OutriderError as `recordPoisonedHunt` and `settleHuntMessage`
 */
export async function recordPoisonedAndSettle(
  dependencies: ScheduledHuntDependencies,
  message: unknown,
): Promise<void> {
  await recordPoisonedHunt(dependencies, message);
  await settleHuntMessage(dependencies, message);
}
