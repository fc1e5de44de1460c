import { randomUUID } from 'node:crypto';
import { OutriderError } from '../../errors.ts';
import { openQuerySession } from '../findings/query-session.ts';
import type { ScheduledHuntDependencies } from './dependencies.ts';
import { isScheduled } from './enqueue.ts';
import { failingWith } from './failing.ts';
import { readScheduledHunt } from './message.ts';
import { watermarkOf } from './run-span.ts';

/**
 * A message of a schedule that failed again and again is our own fault, or storage's. The query's state says so; its
 * next due time tries again, over the whole span.
 *
 * @throws OutriderError `storage.*`, `hunt.fenced`
 */
export async function recordPoisonedSchedule(
  {
    findings,
    queries,
    tenants,
    clock,
    log,
    newHolder = randomUUID,
  }: Pick<ScheduledHuntDependencies, 'findings' | 'queries' | 'tenants' | 'clock' | 'log' | 'newHolder'>,
  message: unknown,
): Promise<void> {
  const due = readScheduledHunt(message);
  log.error('hunt.schedule_poisoned', { tenant: due?.tenant, query: due?.queryId });
  if (!due) return;
  const { tenant, queryId, dueMs } = due;
  const query = (await queries()).find(({ id }) => id === queryId);
  // Of a tenant that was removed nothing is stored.
  if (!query || !isScheduled(query) || !(await tenants.get(tenant))) return;
  const session = await openQuerySession({ table: findings.table, tenant, queryId, holder: newHolder() });
  const error = new OutriderError(
    'internal',
    "The scheduled hunt failed several times for a reason of Outrider's own or of its storage account; the log has it under event hunt.schedule_poisoned. It is tried again when the query is next due.",
    { tenant },
  );
  await session.commit({
    failing: failingWith(session.state, error, clock.now()),
    watermarkMs: watermarkOf(session.state, query, dueMs),
  });
}
