import { createHash } from 'node:crypto';
import { mapLimit } from '../concurrency.ts';
import type { Log } from '../log.ts';
import type { QueueSender } from '../storage.ts';
import type { Tenant, TenantDirectory } from '../tenant.ts';
import { tenantMessage } from '../tenant-message.ts';

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
 * @param lastMs the tick before, or undefined when it is not known: then every tenant is due
 * @param nowMs this tick; both in milliseconds since 1970 UTC
 * @returns the tenants enqueued
 */
export async function enqueueDue(
  { tenants, queue, log }: ScheduleDependencies,
  { lastMs, nowMs }: { readonly lastMs: number | undefined; readonly nowMs: number },
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

/**
 * {@link enqueueDue} for one tick after the other: what a tick owed that failed (storage was away), the next one sends.
 * Else a tenant that is due once a day would wait for another day. Each tick begins where the last one of this process
 * ended by our own clock, which is neither when the host says it was nor when it should have been.
 */
export function createTicks(): typeof enqueueDue {
  let owedSince: number | undefined;
  let doneUntil: number | undefined;
  return async (dependencies, { lastMs, nowMs }) => {
    const from = lastMs === undefined ? undefined : beginningOf(lastMs, doneUntil);
    const since = from === undefined ? undefined : Math.min(from, owedSince ?? from);
    owedSince = since ?? Number.NEGATIVE_INFINITY;
    const enqueued = await enqueueDue(dependencies, { lastMs: since, nowMs });
    owedSince = undefined;
    doneUntil = nowMs;
    return enqueued;
  };
}

/**
 * The host may begin a tick a little before its time, and says afterwards that it was then (`ScheduleStatus.Last` of
 * azure-webjobs-sdk-extensions): whoever was due in between would be missed, at every tick.
 */
const EARLY_MS = 1_000;

/** @param doneUntil by our own clock, where this process did a tick before: the last one, unless others did some since */
function beginningOf(lastMs: number, doneUntil: number | undefined): number {
  const isOurs = doneUntil !== undefined && doneUntil > lastMs - MINUTE_MS / 2;
  return isOurs ? doneUntil : lastMs - EARLY_MS;
}

function isDue({ id, sync }: Tenant, lastMs: number | undefined, nowMs: number): boolean {
  if (lastMs === undefined) return true;
  const interval = sync.intervalMinutes * MINUTE_MS;
  const phase = createHash('sha256').update(id).digest().readUInt32BE() % interval;
  return Math.floor((nowMs - phase) / interval) > Math.floor((lastMs - phase) / interval);
}
