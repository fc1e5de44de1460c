import { OutriderError } from '../../errors.ts';
import { paddedFromMs, paddedFromTicks, padTime, ticksFromPadded } from '../../time.ts';

/** `from <= time < to`, in ticks (100 ns) since 1970 UTC. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

const TICKS_PER_MS = 10_000n;
const DAY_MS = 86_400_000;
/** What advanced hunting looks back at most, and without a timespan. */
const MOST_MS = 30 * DAY_MS;
/** Halves of this are not made: as many rows in one millisecond are one event seen many times. */
const SMALLEST_TICKS = TICKS_PER_MS;
/** Around a slice, so that the call's timespan covers it whichever way the service treats its ends, and rounds them. */
const MARGIN_TICKS = 1_000n * TICKS_PER_MS;

const DURATION =
  /^P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})(?:\.(\d{1,7}))?S)?)?)$/;

/**
 * The span that an ISO 8601 timespan names, as `runHuntingQuery` takes it: a duration (back from `nowMs`), start/end,
 * duration/end, start/duration, or a start. Weeks, days, hours, minutes, seconds; times with `Z` or an offset, or days.
 *
 * @param timespan absent: 30 days
 * @throws OutriderError `request.invalid` for anything else, an empty span, one in the future, or more than 30 days
 */
export function spanOf(timespan: string | undefined, nowMs: number): Span {
  const now = ticks(nowMs);
  if (timespan === undefined) return { from: now - ticks(MOST_MS), to: now };
  const span = read(timespan.trim(), now);
  if (!span) {
    throw refused(
      timespan,
      'is not a timespan. Use ISO 8601: P7D, PT12H, 2026-11-20T00:00:00Z/2026-11-21T00:00:00Z',
    );
  }
  if (span.to === span.from) throw refused(timespan, 'is empty: it ends where it begins');
  if (span.from >= now) throw refused(timespan, 'begins in the future, where there is nothing to find');
  if (span.to < span.from) throw refused(timespan, 'ends before it begins');
  if (span.to - span.from > ticks(MOST_MS))
    throw refused(timespan, 'is longer than 30 days, the most that hunting looks at');
  return span;
}

function read(text: string, now: bigint): Span | undefined {
  const [first = '', second, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  const from = time(first);
  const length = duration(first);
  if (second === undefined) {
    if (length !== undefined) return { from: now - length, to: now };
    return from === undefined ? undefined : { from, to: now };
  }
  const to = time(second);
  if (to !== undefined && from !== undefined) return { from, to };
  if (to !== undefined && length !== undefined) return { from: to - length, to };
  const ahead = duration(second);
  return from !== undefined && ahead !== undefined ? { from, to: from + ahead } : undefined;
}

function time(text: string): bigint | undefined {
  const padded = padTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  return padded === undefined ? undefined : ticksFromPadded(padded);
}

function duration(text: string): bigint | undefined {
  const parts = DURATION.exec(text);
  if (!parts || text === 'P' || text.endsWith('T')) return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0, fraction = ''] = parts;
  const wholeSeconds =
    ((Number(weeks) * 7 + Number(days)) * 24 + Number(hours)) * 3_600 +
    Number(minutes) * 60 +
    Number(seconds);
  return ticks(wholeSeconds * 1_000) + BigInt(fraction.padEnd(7, '0'));
}

const ticks = (ms: number): bigint => BigInt(Math.round(ms)) * TICKS_PER_MS;

function refused(timespan: string, why: string): OutriderError {
  return new OutriderError('request.invalid', `The timespan "${timespan.slice(0, 100)}" ${why}.`);
}

/** The two halves of a span, or undefined where it is too short to be halved. */
export function halvesOf({ from, to }: Span): readonly [Span, Span] | undefined {
  if (to - from <= SMALLEST_TICKS) return undefined;
  const middle = (from + to) / 2n;
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** Start and end as padded times. */
export function endsOf({ from, to }: Span): { readonly from: string; readonly to: string } {
  return { from: paddedFromTicks(from), to: paddedFromTicks(to) };
}

/** `start/end` for people and programs. */
export function spanText(span: Span): string {
  const { from, to } = endsOf(span);
  return `${from}/${to}`;
}

/**
 * The call's timespan for a slice. That of a first slice may begin a second before what hunting keeps: the service takes
 * more than 30 days (learn: security-security-runhuntingquery asks for P90D in its example), and clipped it would lose a
 * row on the edge where timespans exclude their start.
 */
export function coveringTimespan({ from, to }: Span): string {
  return spanText({ from: from - MARGIN_TICKS, to: to + MARGIN_TICKS });
}

/** The clock that a sliced query's `now()` is pinned to. */
export const clockOf = (ms: number): string => paddedFromMs(ms);
