import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { BlobStore, TableStore } from '../storage.ts';
import type { Tenant } from '../tenant.ts';
import { openSession } from './session.ts';
import { newState, removedTenant } from './state.ts';
import { runUnderWay } from './under-way.ts';
import type { WakeUp } from './wake-up.ts';

export interface RequestDependencies {
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly wakeUp: WakeUp;
}

const TRIES = 4;

/**
 * Asks for a run of a tenant now, whatever its next attempt's time. While a run is under way or asked for already
 * it is that one; should its process have died, or its message be lost, another has it taken up as soon as its
 * lease is over.
 *
 * @returns the run's id; ask for its state with it
 * @throws OutriderError `tenant.disabled` for a removed tenant, `sync.fenced` while others keep writing, `storage.*`
 */
export async function requestRun(dependencies: RequestDependencies, tenant: Tenant): Promise<string> {
  const { table, blobs, clock, wakeUp } = dependencies;
  for (let attempt = 1; ; attempt++) {
    const run = randomUUID();
    const session = await openSession(
      { table, blobs, tenant: tenant.id, generation: tenant.generation, run: `request-${run}` },
      newState(clock.now(), tenant.sync),
    );
    const { state } = session.memory;
    if (state.removedMs !== undefined) throw removedTenant(tenant.id);
    const under = runUnderWay(state, clock.now());
    if (under) {
      await wakeUp.at(tenant.id, state.lease?.untilMs ?? 0);
      return under;
    }
    session.stage({ requested: { run, atMs: clock.now() } });
    try {
      await session.commit([]);
      // Should this fail, the next message begins the run that is now asked for.
      await wakeUp.now(tenant.id);
      return run;
    } catch (error) {
      if (!isOutriderError(error, 'sync.fenced') || attempt === TRIES) throw error;
    }
  }
}
