import type { Clock } from '../../clock.ts';
import { isOutriderError, type OutriderError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Tenant } from '../../tenant.ts';
import type { RunStorage } from '../run/dependencies.ts';
import { pruneRuns } from '../run/retention.ts';
import { pruneGroups } from './stored-group.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** No tenant is begun after this long in one call: a function may take ten minutes. */
const BUDGET_MS = 4 * 60_000;

/**
 * Deletes hunting runs that are older than the history their tenant keeps, and hunts across tenants that are older than
 * any; nothing of a tenant under a legal hold, and no group while there is one. Each hour begins with another tenant, so
 * that all have their turn however many there are.
 *
 * @param options.endUnscheduled ends what a tenant's former queries have found
 * @throws OutriderError `storage.unreadable` once all others are done, for the first tenant that has something of an
 * unknown format; `storage.*` at once
 */
export async function pruneHunts(
  {
    table,
    blobs,
    clock,
    log,
    endUnscheduled,
    budgetMs = BUDGET_MS,
  }: RunStorage & {
    readonly clock: Clock;
    readonly log: Log;
    readonly endUnscheduled: (tenant: Tenant) => Promise<void>;
    readonly budgetMs?: number;
  },
  tenants: readonly Tenant[],
): Promise<void> {
  const nowMs = clock.now();
  const first = Math.floor(nowMs / HOUR_MS) % Math.max(1, tenants.length);
  let deleted = 0;
  let looked = 0;
  let unreadable: OutriderError | undefined;
  for (const tenant of [...tenants.slice(first), ...tenants.slice(0, first)]) {
    if (clock.now() - nowMs > budgetMs) break;
    looked += 1;
    try {
      deleted += await pruneTenant(tenant);
    } catch (error) {
      // Of one tenant, and for good: the others are not to wait for somebody who mends it.
      if (!isOutriderError(error, 'storage.unreadable')) throw error;
      const { code, message: text } = error;
      log.error('hunt.prune_failed', { tenant: tenant.id, code, text });
      unreadable ??= error;
    }
  }
  // Without any tenant nobody says how long they are kept.
  if (tenants.length > 0 && !tenants.some(({ sync }) => sync.legalHold)) {
    const days = Math.max(...tenants.map(({ sync }) => sync.historyDays));
    await pruneGroups(blobs, nowMs - days * DAY_MS);
  }
  log.info('hunt.pruned', { runs: deleted, tenants: looked, left: tenants.length - looked });
  if (unreadable) throw unreadable;

  async function pruneTenant(tenant: Tenant): Promise<number> {
    const { id, sync } = tenant;
    await endUnscheduled(tenant);
    if (sync.legalHold) return 0;
    return pruneRuns({ table, blobs }, { tenant: id, untilMs: nowMs - sync.historyDays * DAY_MS });
  }
}
