import { RunnerError } from './runner-error.ts';

const DAY_MS = 86_400_000;

/** Throws a RunnerError when the runtime does not know the zone; the host on Linux takes IANA names. */
export function checkTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    throw new RunnerError(
      `WEBSITE_TIME_ZONE is "${name}", which is not an IANA time zone such as Europe/Berlin`,
    );
  }
}

/** The wall-clock time of a moment in a zone, written as if it were UTC; whole seconds. */
export function wallClock(utc: number, timeZone: string): number {
  if (timeZone === 'UTC') return Math.floor(utc / 1000) * 1000;
  const parts = formatter(timeZone).formatToParts(utc);
  const part = (type: string): number => Number(parts.find((candidate) => candidate.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * The moments at which a zone's wall clock shows `wall`, earliest first: two when clocks go back. A time
 * that clocks jump over counts as the same distance after the jump.
 */
export function utcCandidates(wall: number, timeZone: string): readonly number[] {
  if (timeZone === 'UTC') return [wall];
  const before = wall - offsetAt(wall - DAY_MS, timeZone);
  const after = wall - offsetAt(wall + DAY_MS, timeZone);
  const exact = [...new Set([before, after])].filter((time) => wallClock(time, timeZone) === wall);
  return exact.length > 0 ? exact.sort((left, right) => left - right) : [before];
}

/** How far the zone's wall clock is ahead of UTC at a moment, in milliseconds. */
export function offsetAt(utc: number, timeZone: string): number {
  return wallClock(utc, timeZone) - Math.floor(utc / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const created = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, created);
  return created;
}
