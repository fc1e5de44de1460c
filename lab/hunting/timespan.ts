import { parseTime, TICKS_PER_MS, ticksOfMs } from './ticks.ts';

const DURATION =
  /^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;

/**
 * Reads the documented forms of `Timespan`: start/end, duration/end, start/duration, a duration up to now, or one
 * start time up to now. Undefined for anything else, and when the end lies before the start.
 *
 * @param now in ticks, see ticks.ts; so are the results
 */
export function parseTimespan(
  text: string,
  now: bigint,
): { readonly start: bigint; readonly end: bigint } | undefined {
  const [first = '', second, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  const found = second === undefined ? single(first, now) : pair(first, second);
  return found && found.start <= found.end ? found : undefined;
}

function single(text: string, now: bigint) {
  const start = isDuration(text) ? moved(now, text, -1) : parseTime(text);
  return start === undefined ? undefined : { start, end: now };
}

function pair(first: string, second: string) {
  const start = parseTime(first);
  const end = parseTime(second);
  if (start !== undefined && end !== undefined) return { start, end };
  if (start !== undefined && isDuration(second)) return { start, end: moved(start, second, 1) };
  if (end !== undefined && isDuration(first)) return { start: moved(end, first, -1), end };
  return undefined;
}

const isDuration = (text: string): boolean => DURATION.test(text);

/** A moment moved by a duration; years and months go by the calendar. */
function moved(ticks: bigint, duration: string, sign: 1 | -1): bigint {
  const parts = (DURATION.exec(duration) ?? []).slice(1).map((part) => (part ?? '0').replace(',', '.'));
  const [years = '0', months = '0', weeks, days, hours, minutes, seconds] = parts;
  const date = new Date(Number(ticks / TICKS_PER_MS));
  const before = date.getTime();
  date.setUTCMonth(date.getUTCMonth() + sign * (Number(years) * 12 + Number(months)));
  const hoursInAll = (Number(weeks) * 7 + Number(days)) * 24 + Number(hours);
  const secondsInAll = (hoursInAll * 60 + Number(minutes)) * 60 + Number(seconds);
  const byCalendar = BigInt(date.getTime() - before) * TICKS_PER_MS;
  return ticks + byCalendar + BigInt(sign) * ticksOfMs(Math.round(secondsInAll * 1_000));
}
