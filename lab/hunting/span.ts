import { ApiFault } from '../defender/api-fault.ts';
import type { BoundQuery, TimeValue } from './binding.ts';
import type { HuntSettings } from './settings.ts';
import { startOfDay, TICKS_PER_MS, ticksOfMs } from './ticks.ts';
import { parseTimespan } from './timespan.ts';

/** From a moment up to, but not with, another; an end that belongs to the span is the next moment after it. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * The span of a hunt: the body's `Timespan` (default 30 days), what the query says itself, and what there is data
 * for. "The shorter one wins" is taken to mean what lies in both, which is the same where one lies in the other.
 *
 * @throws ApiFault 400 for a `Timespan` that is no ISO 8601 or, by the setting, too long
 */
export function spanOf(
  binding: BoundQuery,
  timespan: string | undefined,
  options: { readonly settings: HuntSettings; readonly now: number },
): Span {
  const { settings } = options;
  const now = ticksOfMs(options.now);
  const asked = timespan === undefined ? undefined : askedSpan(timespan, now, settings);
  let from = now - ticksOfMs(settings.huntRetentionMs);
  let to = now + 1n;
  if (asked && asked.from > from) from = asked.from;
  if (asked && asked.to < to) to = asked.to;
  for (const { side, inclusive, at } of binding.limits) {
    const moment = momentOf(at, now);
    if (side === 'from') from = larger(from, inclusive ? moment : moment + 1n);
    else to = smaller(to, inclusive ? moment + 1n : moment);
  }
  return { from, to };
}

function askedSpan(timespan: string, now: bigint, settings: HuntSettings): Span {
  const asked = parseTimespan(timespan, now);
  if (asked === undefined) {
    throw new ApiFault(400, 'BadRequest', `Timespan '${timespan}' is not a valid ISO 8601 interval.`);
  }
  const longest = ticksOfMs(settings.huntRetentionMs);
  const isLong = asked.end - asked.start > longest;
  if (isLong && settings.huntLongTimespan === 'refuse') {
    const days = longest / TICKS_PER_MS / 86_400_000n;
    throw new ApiFault(400, 'BadRequest', `Timespan '${timespan}' is longer than ${days} days.`);
  }
  const start = isLong ? asked.end - longest : asked.start;
  const { huntTimespanEnds: ends } = settings;
  return {
    from: ends === 'both' || ends === 'start' ? start : start + 1n,
    to: ends === 'both' || ends === 'end' ? asked.end + 1n : asked.end,
  };
}

function momentOf(value: TimeValue, now: bigint): bigint {
  if (value.kind === 'now') return now;
  if (value.kind === 'fixed') return value.ticks;
  const of = momentOf(value.of, now);
  return value.kind === 'shift' ? of + value.by : startOfDay(of);
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);
