import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { BlobStore, QueueSender, TableStore } from '../storage.ts';
import type { Tenant } from '../tenant.ts';
import { syncMessage } from './message.ts';
import { REQUEST_LIVES_MS } from './run.ts';
import { openSession } from './session.ts';
import { newState, type SyncState } from './state.ts';

export interface RequestDependencies {
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly queue: QueueSender;
  readonly clock: Clock;
}

const TRIES = 4;

/**
 * Asks for a run of a tenant now, whatever its next attempt's time. While a run is under way or asked for already
 * it is that one.
 *
 * @returns the run's id; ask for its state with it
 */
export async function requestRun(dependencies: RequestDependencies, tenant: Tenant): Promise<string> {
  const { table, blobs, queue, clock } = dependencies;
  for (let attempt = 1; ; attempt++) {
    const run = randomUUID();
    const session = await openSession(
      { table, blobs, tenant: tenant.id, run: `request-${run}` },
      newState(clock.now(), tenant.sync),
    );
    const under = runUnderWay(session.memory.state, clock.now());
    if (under) return under;
    session.stage({ requested: { run, atMs: clock.now() } });
    try {
      await session.commit([]);
      // Should this fail, the timer's next message begins the run that is now asked for.
      await queue.send(syncMessage(tenant.id));
      return run;
    } catch (error) {
      if (!isOutriderError(error, 'sync.fenced') || attempt === TRIES) throw error;
    }
  }
}

/** The run that is under way or asked for, if any. */
export function runUnderWay(state: SyncState, nowMs: number): string | undefined {
  if (state.lease && state.lease.untilMs > nowMs) return state.lease.run;
  const { requested } = state;
  return requested && requested.atMs > nowMs - REQUEST_LIVES_MS ? requested.run : undefined;
}
