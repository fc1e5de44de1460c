import { mapLimit } from '../../concurrency.ts';
import type { Log } from '../../log.ts';
import type { QueueSender } from '../../storage.ts';
import type { Tenant, TenantDirectory } from '../../tenant.ts';
import type { Tick } from '../../ticks.ts';
import type { HuntingQuery, QuerySchedule } from '../query.ts';
import { createDue } from './due.ts';
import { scheduledHuntMessage } from './message.ts';

const SENDS_AT_ONCE = 16;

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
 * @param tick where the tick before ended is undefined when that is not known: then everything is due, and who did it
 * already lets it be
 * @returns how many were sent
 * @throws OutriderError `storage.*`
 */
export async function enqueueDueHunts(
  { tenants, queries, queue, log }: EnqueueDependencies,
  tick: Tick,
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
