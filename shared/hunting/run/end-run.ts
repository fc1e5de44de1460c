import { randomUUID } from 'node:crypto';
import { isOutriderError } from '../../errors.ts';
import type { RequestDependencies } from './dependencies.ts';
import { isFinal, type RunRecord } from './record.ts';
import { openRun } from './run-session.ts';
import type { HuntRun } from './types.ts';
import { runOf } from './view.ts';

const TRIES = 5;

type EndDependencies = Pick<RequestDependencies, 'table' | 'blobs' | 'clock'>;

/**
 * Cancels a run. One that has ended stays as it is; one under way stops at its next write or within half a minute.
 *
 * @returns the run as it is then, or undefined when there is none
 * @throws OutriderError `storage.*`
 */
export function cancelRun(
  dependencies: EndDependencies,
  { tenant, run, by }: { readonly tenant: string; readonly run: string; readonly by: string },
): Promise<HuntRun | undefined> {
  return endRun(dependencies, tenant, run, { state: 'cancelled', cancelledBy: by });
}

/** Ends a run because a newer one of the same query takes its place. As {@link cancelRun}. */
export function supersedeRun(
  dependencies: EndDependencies,
  { tenant, run, by }: { readonly tenant: string; readonly run: string; readonly by: string },
): Promise<HuntRun | undefined> {
  return endRun(dependencies, tenant, run, { state: 'superseded', supersededBy: by });
}

/** Ends a run that is not over in one conditional write; tried again when its holder wrote meanwhile. */
export async function endRun(
  dependencies: EndDependencies,
  tenant: string,
  run: string,
  ending: Partial<RunRecord>,
): Promise<HuntRun | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const session = await openRun(dependencies, tenant, run, randomUUID());
    if (!session) return undefined;
    if (isFinal(session.record.state)) return runOf(session.record);
    try {
      await session.commit({
        rows: 0,
        bytes: 0,
        ...ending,
        endedMs: dependencies.clock.now(),
        lease: undefined,
        waitsUntilMs: undefined,
        waitsFor: undefined,
      });
      return runOf(session.record);
    } catch (error) {
      if (!isOutriderError(error, 'hunt.fenced') || attempt === TRIES) throw error;
    }
  }
}
