import type { Tenant } from '../../tenant.ts';
import { cronOf } from '../library/cron.ts';
import type { HuntingQuery } from '../query.ts';
import { periodPhase } from './due.ts';
import { isFor, isScheduled } from './enqueue.ts';

const MINUTE_MS = 60_000;

/**
 * When a query is due next in a tenant, in milliseconds since 1970 UTC; its run may begin some minutes later, so that
 * tenants do not strike at once. Undefined where it is not scheduled.
 *
 * @param nowMs in milliseconds since 1970 UTC
 */
export function nextDue(
  query: HuntingQuery,
  tenant: Pick<Tenant, 'id' | 'name' | 'enabled'>,
  nowMs: number,
): number | undefined {
  if (!isScheduled(query) || !tenant.enabled || !isFor(query, tenant)) return undefined;
  const { every, timeZone } = query.schedule;
  if ('cron' in every) return cronOf(every.cron, timeZone).nextRun(new Date(nowMs))?.getTime();
  const periodMs = every.minutes * MINUTE_MS;
  const phase = periodPhase(query.id, tenant.id, periodMs);
  return (Math.floor((nowMs - phase) / periodMs) + 1) * periodMs + phase;
}
