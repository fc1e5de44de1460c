import type { QueryState } from '../findings/query-state.ts';
import type { QuerySchedule } from '../query.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * How late an event may arrive and still be found. Advanced hunting receives events "almost immediately after the
 * sensors … successfully transmit them" and entity data every 15 minutes (learn: advanced-hunting-overview, data
 * freshness and update frequency); a sensor that was offline, or a slow source, is later than that. Nothing more
 * exact is promised, and the tables have no ingestion time to go by; an hour covers what is commonly met. A query
 * whose sources are slower has a longer lookback.
 */
export const LATE_EVENTS_MS = HOUR_MS;
/** What advanced hunting keeps (learn: advanced-hunting-overview). */
export const MOST_SPAN_MS = 30 * DAY_MS;

/** What a scheduled run looks at. Times in milliseconds since 1970 UTC. */
export interface RunSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** What no run looked at, and none can any more. */
  readonly gap?: { readonly fromMs: number; readonly toMs: number } | undefined;
}

/**
 * From the watermark less the margin for late events, or the query's lookback where that is longer, to now. All that was
 * missed is looked at by one run, as far as the service keeps it.
 */
export function runSpan({
  watermarkMs,
  lookbackMinutes,
  nowMs,
}: {
  readonly watermarkMs: number | undefined;
  readonly lookbackMinutes: number;
  readonly nowMs: number;
}): RunSpan {
  const earliest = nowMs - MOST_SPAN_MS;
  const lookback = nowMs - lookbackMinutes * 60_000;
  const wanted = watermarkMs === undefined ? lookback : Math.min(watermarkMs - LATE_EVENTS_MS, lookback);
  const fromMs = Math.max(wanted, earliest);
  const isGap = watermarkMs !== undefined && watermarkMs < fromMs;
  return { fromMs, toMs: nowMs, ...(isGap ? { gap: { fromMs: watermarkMs, toMs: fromMs } } : {}) };
}

/** The watermark after a due time: from the first one on a query owes all that came since, whatever becomes of its runs. */
export function watermarkOf(
  { watermarkMs }: Pick<QueryState, 'watermarkMs'>,
  { schedule }: { readonly schedule: Pick<QuerySchedule, 'lookbackMinutes'> },
  dueMs: number,
): number {
  return watermarkMs ?? dueMs - schedule.lookbackMinutes * 60_000;
}
