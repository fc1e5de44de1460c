import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BlobStore, TableStore } from '../storage.ts';
import type { TenantDirectory } from '../tenant.ts';
import { tenantOfMessage } from '../tenant-message.ts';
import { openSession } from './session.ts';
import { newState } from './state.ts';

export interface PoisonDependencies {
  readonly tenants: TenantDirectory;
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
}

const TRIES = 4;

/**
 * A message that failed again and again is our own fault or storage's. It holds nothing but the tenant, so nothing
 * is lost with it: the timer sends another. The tenant is recorded as failing, and the event announces it.
 */
export async function recordPoisoned(dependencies: PoisonDependencies, message: unknown): Promise<void> {
  const { tenants, table, blobs, clock, log } = dependencies;
  const id = tenantOfMessage(message);
  const tenant = id === undefined ? undefined : await tenants.get(id);
  log.error('sync.poisoned', { tenant: tenant?.id, known: tenant !== undefined });
  if (!tenant) return;
  for (let attempt = 1; ; attempt++) {
    const now = clock.now();
    const run = `poison-${now}`;
    const session = await openSession(
      { table, blobs, tenant: tenant.id, generation: tenant.generation, run },
      newState(now, tenant.sync),
    );
    const { failure, removedMs } = session.memory.state;
    if (removedMs !== undefined) return;
    session.stage({
      failure: {
        code: 'internal',
        text: `Syncing tenant ${tenant.id} failed several times for a reason of Outrider's own or of its storage account; the log has it under event sync.poisoned. It is tried again on schedule.`,
        sinceMs: failure?.sinceMs ?? now,
        atMs: now,
        count: (failure?.count ?? 0) + 1,
      },
    });
    try {
      await session.commit([]);
      return;
    } catch (error) {
      if (!isOutriderError(error, 'sync.fenced') || attempt === TRIES) throw error;
    }
  }
}
