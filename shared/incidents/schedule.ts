import { createHash } from 'node:crypto';
import { mapLimit } from '../concurrency.ts';
import type { Log } from '../log.ts';
import type { QueueSender } from '../storage.ts';
import type { Tenant, TenantDirectory } from '../tenant.ts';
import { tenantMessage } from '../tenant-message.ts';
import type { Tick } from '../ticks.ts';

const MINUTE_MS = 60_000;
/** Ids in one log event: Application Insights cuts a line at 32,768 characters. */
const IDS_IN_AN_EVENT = 500;
/** Ticks missed while the app was away are caught up by one message for each tenant, not by many. */
const LONGEST_GAP_MS = 24 * 3_600_000;

export interface ScheduleDependencies {
  readonly tenants: TenantDirectory;
  readonly queue: QueueSender;
  readonly log: Log;
}

/**
 * Enqueues every enabled tenant that became due between two ticks of the timer. A tenant is due once in each of its
 * intervals, at a minute of its own, so that a thousand tenants do not strike at once. A message lives one
 * interval: a busy queue never holds two of one tenant's timer messages.
 *
 * @param lastMs where the tick before ended, or undefined when that is not known: then every tenant is due
 * @returns the tenants enqueued
 */
export async function enqueueDue(
  { tenants, queue, log }: ScheduleDependencies,
  { lastMs, nowMs }: Tick,
): Promise<readonly string[]> {
  const since = lastMs === undefined ? undefined : Math.max(lastMs, nowMs - LONGEST_GAP_MS);
  const due = (await tenants.list()).filter((tenant) => tenant.enabled && isDue(tenant, since, nowMs));
  await mapLimit(due, 16, ({ id, sync }) =>
    queue.send(tenantMessage(id), { liveSeconds: sync.intervalMinutes * 60 }),
  );
  const ids = due.map(({ id }) => id);
  report(log, ids);
  return ids;
}

/**
 * Who was due: with it, an alert notices the absence of a tenant's success, by the tenant's own interval and without
 * knowing the tenants. The first event comes at every tick, due or not: it is the heartbeat.
 */
function report(log: Log, ids: readonly string[]): void {
  for (let from = 0; from === 0 || from < ids.length; from += IDS_IN_AN_EVENT) {
    const some = ids.slice(from, from + IDS_IN_AN_EVENT);
    log.info('sync.enqueued', { tenants: some.length, due: some.join(',') });
  }
}

function isDue({ id, sync }: Tenant, lastMs: number | undefined, nowMs: number): boolean {
  if (lastMs === undefined) return true;
  const interval = sync.intervalMinutes * MINUTE_MS;
  const phase = createHash('sha256').update(id).digest().readUInt32BE() % interval;
  return Math.floor((nowMs - phase) / interval) > Math.floor((lastMs - phase) / interval);
}
