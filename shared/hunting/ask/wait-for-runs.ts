import type { Clock } from '../../clock.ts';
import { mapLimit } from '../../concurrency.ts';
import type { RunStorage } from '../run/dependencies.ts';
import { readRunState } from '../run/read.ts';
import { isFinal } from '../run/record.ts';
import type { HuntRun } from '../run/types.ts';

/** Storage reads at the same time. */
const AT_ONCE = 8;
const FIRST_WAIT_MS = 150;
const LONGEST_WAIT_MS = 1_000;

export interface RunTarget {
  readonly tenant: string;
  readonly run: string;
}

/**
 * Looks at runs until all have ended or the time is over, less often as time goes by.
 *
 * @returns the runs as they are then, by their ids; one that is not stored is not among them
 */
export async function waitForRuns(
  { table, clock }: Pick<RunStorage, 'table'> & { readonly clock: Clock },
  targets: readonly RunTarget[],
  mostMs: number,
): Promise<ReadonlyMap<string, HuntRun>> {
  const runs = new Map<string, HuntRun>();
  let pending = targets;
  const untilMs = clock.now() + mostMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    const states = await mapLimit(pending, AT_ONCE, (target) => readRunState({ table }, target));
    for (const run of states) if (run) runs.set(run.id, run);
    pending = pending.filter((_, index) => {
      const run = states[index];
      return run !== undefined && !isFinal(run.state);
    });
    const leftMs = untilMs - clock.now();
    if (pending.length === 0 || leftMs <= 0) return runs;
    await clock.sleep(Math.min(waitMs, leftMs));
  }
}
