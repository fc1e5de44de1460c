import { createHash } from 'node:crypto';
import { cronOf } from '../library/cron.ts';
import type { QuerySchedule } from '../query.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Tenants of one calendar time begin within this share of the time to the next one, … */
const SPREAD_SHARE = 0.1;
/** … and within this time, so that what is due at eight is there in the first half hour. */
const MOST_SPREAD_MS = 15 * MINUTE_MS;
/**
 * Nobody waits for a long period at a time of day: after a start, or ticks that were missed, these begin within a larger
 * share, and leave room for those that are due again soon.
 */
const LONG_PERIOD_MS = 60 * MINUTE_MS;
const LONG_PERIOD_SHARE = 0.25;
const MOST_PERIOD_SPREAD_MS = 60 * MINUTE_MS;

/** A query that is due in a tenant. Times in milliseconds since 1970 UTC. */
export interface Due {
  /** The latest time that it was due. */
  readonly dueMs: number;
  /** How long its message waits, so that a thousand tenants do not strike at once. */
  readonly delaySeconds: number;
  /** Until it is due again. */
  readonly periodMs: number;
}

/**
 * Tells which tenants a schedule is due in between two ticks of the timer, without reading anything. However many times
 * were missed, a tenant is due once: its run looks at the whole span.
 *
 * A period has a phase of its own in each tenant, by a hash. A calendar is the same for all tenants, in its own time
 * zone: a time that the clock skips in spring is due when the clock goes on, one that comes twice in autumn is due the
 * first time. Its tenants begin one after the other.
 *
 * @param lastMs the tick before; undefined when it is not known: then every tenant is due
 * @param nowMs this tick
 */
export function createDue(
  { id, schedule }: { readonly id: string; readonly schedule: QuerySchedule },
  { lastMs, nowMs }: { readonly lastMs: number | undefined; readonly nowMs: number },
): (tenant: string) => Due | undefined {
  const { every, timeZone } = schedule;
  if ('minutes' in every) return (tenant) => ofPeriod(every.minutes * MINUTE_MS, tenant);
  const calendar = ofCalendar(every.cron);
  return (tenant) => {
    if (!calendar) return undefined;
    const { dueMs, periodMs, spreadMs } = calendar;
    return { dueMs, periodMs, delaySeconds: secondsOf(tenant, spreadMs) };
  };

  function ofPeriod(periodMs: number, tenant: string): Due | undefined {
    const phase = periodPhase(id, tenant, periodMs);
    const times = (ms: number): number => Math.floor((ms - phase) / periodMs);
    if (lastMs !== undefined && times(nowMs) <= times(lastMs)) return undefined;
    // The phases spread what is due over the ticks; this does within one, and after ticks that were missed.
    const missedMs = lastMs === undefined ? Number.POSITIVE_INFINITY : nowMs - lastMs;
    const share = periodMs < LONG_PERIOD_MS ? SPREAD_SHARE : LONG_PERIOD_SHARE;
    const spreadMs = Math.min(periodMs * share, MOST_PERIOD_SPREAD_MS, missedMs);
    return {
      dueMs: times(nowMs) * periodMs + phase,
      periodMs,
      delaySeconds: secondsOf(tenant, spreadMs),
    };
  }

  function secondsOf(tenant: string, spreadMs: number): number {
    return Math.floor((sharesOf(tenant, id).delay * spreadMs) / SECOND_MS);
  }

  function ofCalendar(pattern: string) {
    const cron = cronOf(pattern, timeZone);
    // The one before the next second: a time that is now counts.
    const after = new Date(Math.floor(nowMs / SECOND_MS) * SECOND_MS + SECOND_MS);
    const latest = cron.previousRuns(1, after)[0]?.getTime();
    if (latest === undefined || latest > nowMs || (lastMs !== undefined && latest <= lastMs))
      return undefined;
    const periodMs = (cron.nextRun(after)?.getTime() ?? latest + MOST_SPREAD_MS) - latest;
    return { dueMs: latest, periodMs, spreadMs: spreadOf(periodMs) };
  }
}

/** How far into each period, counted from 1970 UTC, a query is due in a tenant; in milliseconds. */
export const periodPhase = (query: string, tenant: string, periodMs: number): number =>
  Math.floor(sharesOf(tenant, query).phase * periodMs);

function spreadOf(periodMs: number): number {
  return Math.min(MOST_SPREAD_MS, periodMs * SPREAD_SHARE);
}

/** Each from 0 to below 1, evenly, independent of each other, the same for a query and a tenant at all times. */
function sharesOf(tenant: string, query: string): { readonly phase: number; readonly delay: number } {
  const digest = createHash('sha256').update(`${tenant}\n${query.toLowerCase()}`).digest();
  return { phase: digest.readUIntBE(0, 6) / 2 ** 48, delay: digest.readUIntBE(6, 6) / 2 ** 48 };
}
