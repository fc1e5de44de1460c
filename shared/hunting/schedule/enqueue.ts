import { mapLimit } from '../../concurrency.ts';
import type { Log } from '../../log.ts';
import type { QueueSender } from '../../storage.ts';
import type { Tenant, TenantDirectory } from '../../tenant.ts';
import type { HuntingQuery, QuerySchedule } from '../query.ts';
import { createDue } from './due.ts';
import { scheduledHuntMessage } from './message.ts';

const SENDS_AT_ONCE = 16;
/**
 * The host of Functions may begin a tick some milliseconds before its time by the clock, and says afterwards that it was
 * then (`ScheduleStatus.Last` of azure-webjobs-sdk-extensions): what is due between the two would be of neither tick.
 * What is sent twice for it is done once.
 */
const EARLY_MS = 2_000;

export interface EnqueueDependencies {
  readonly tenants: TenantDirectory;
  /** The queries of the library. */
  readonly queries: () => Promise<readonly HuntingQuery[]>;
  /** The queue of scheduled hunts. */
  readonly queue: QueueSender;
  readonly log: Log;
}

/**
 * Sends one message for each query and tenant that became due between two ticks of the timer; nothing is read but the
 * library and the list of tenants. A message lives until the query is due again: a busy queue never holds two of the
 * same.
 *
 * @param lastMs the tick before, or undefined when it is not known: then everything is due, and who did it already
 * lets it be
 * @param nowMs this tick; both in milliseconds since 1970 UTC
 * @returns how many were sent
 * @throws OutriderError `storage.*`
 */
export async function enqueueDueHunts(
  { tenants, queries, queue, log }: EnqueueDependencies,
  tick: { readonly lastMs: number | undefined; readonly nowMs: number },
): Promise<number> {
  const scheduled = (await queries()).filter(isScheduled);
  const enabled = (await tenants.list()).filter((tenant) => tenant.enabled);
  const due = scheduled.flatMap((query) => {
    const dueIn = createDue(query, tick);
    return enabled
      .filter((tenant) => isFor(query, tenant))
      .flatMap(({ id }) => {
        const found = dueIn(id);
        return found ? [{ ...found, tenant: id, queryId: query.id }] : [];
      });
  });
  await mapLimit(due, SENDS_AT_ONCE, ({ delaySeconds, periodMs, ...hunt }) =>
    queue.send(scheduledHuntMessage(hunt), {
      delaySeconds,
      liveSeconds: delaySeconds + Math.ceil(periodMs / 1_000),
    }),
  );
  log.info('hunt.enqueued', { queries: scheduled.length, hunts: due.length });
  return due.length;
}

/**
 * {@link enqueueDueHunts} for one tick after the other: what a tick owed that failed, or began too early for, the next
 * one sends. Else a query that is due once a day would wait for another day.
 */
export function createHuntTicks(): typeof enqueueDueHunts {
  let owed: { readonly sinceMs: number | undefined } | undefined;
  return async (dependencies, { lastMs, nowMs }) => {
    const sinceMs = lastMs === undefined ? undefined : lastMs - EARLY_MS;
    owed = { sinceMs: owed ? earlier(owed.sinceMs, sinceMs) : sinceMs };
    const sent = await enqueueDueHunts(dependencies, { lastMs: owed.sinceMs, nowMs });
    owed = undefined;
    return sent;
  };
}

/** Undefined is earlier than any time. */
function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.min(a, b);
}

/** A query that runs by itself. One that cannot be run is, too: its state then says why. */
export function isScheduled(
  query: HuntingQuery,
): query is HuntingQuery & { readonly schedule: QuerySchedule } {
  return query.enabled && query.schedule !== undefined;
}

/** Whether the query's schedule is for this tenant: named by id or name, in any letter case, or all. */
export function isFor(
  { tenants }: Pick<HuntingQuery, 'tenants'>,
  { id, name }: Pick<Tenant, 'id' | 'name'>,
): boolean {
  if (!tenants) return true;
  return tenants.some((named) => [id, name].some((own) => own.toLowerCase() === named.toLowerCase()));
}
