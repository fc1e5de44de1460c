import { Cron } from 'croner';

/** Shortest time between two runs of one query, in minutes: Defender's own shortest is 5. */
export const SHORTEST_PERIOD = 5;
/** For the longest time between two runs: these have two ends of months, one of them of a month with 31 days. */
const DAYS_LOOKED_AT = 62;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * A calendar in NCRONTAB: five fields, or six with seconds first. Where both day fields are given a day must fit both,
 * as in Azure Functions.
 *
 * @param timeZone IANA name
 * @throws Error of croner, when pattern or zone is none
 */
export function cronOf(pattern: string, timeZone: string): Cron {
  return new Cron(pattern, { timezone: timeZone, domAndDow: true, mode: '5-or-6-parts' });
}

/** True for an IANA time zone that this system knows. */
export function isTimeZone(name: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' &&
      !/^[+-]/.test(name)
    );
  } catch {
    return false;
  }
}

/** Croner would take seven fields, and says so. */
function reasonOf(pattern: string, error: unknown): string {
  if (![5, 6].includes(pattern.trim().split(/\s+/).length))
    return 'it has five fields, or six with the second first';
  return (error instanceof Error ? error.message : String(error))
    .replace(/^CronPattern: /, '')
    .replace(/\.$/, '');
}

/** How a calendar behaves from a time on, or what is wrong with it (the rest of a sentence). */
export function cronFacts(
  pattern: string,
  timeZone: string,
  from: Date,
): { readonly longestGapMinutes: number } | { readonly fault: string } {
  let calendar: Cron;
  try {
    cronOf(pattern, timeZone);
    // By a clock that never changes: else the day on which a file is read would decide whether it is right.
    calendar = cronOf(pattern, 'UTC');
  } catch (error) {
    return { fault: `is no NCRONTAB expression such as "0 0 8 * * 1-5": ${reasonOf(pattern, error)}` };
  }
  const first = calendar.nextRun(from)?.getTime();
  if (first === undefined) return { fault: 'never fires' };
  const gaps = gapsOf(calendar, first);
  if (Math.min(...gaps) < SHORTEST_PERIOD * MINUTE_MS) {
    return { fault: `fires more often than every ${SHORTEST_PERIOD} minutes` };
  }
  return { longestGapMinutes: Math.ceil(Math.max(...gaps) / MINUTE_MS) };
}

/**
 * Times between runs, in milliseconds: those within a day, which are the same on all days, and those from one day to
 * the next, over two months. Ends with the first that is too short within a day.
 */
function gapsOf(calendar: Cron, firstMs: number): readonly number[] {
  const next = (afterMs: number): number =>
    calendar.nextRun(new Date(afterMs))?.getTime() ?? Number.POSITIVE_INFINITY;
  const gaps: number[] = [];
  let day = startOfDay(firstMs);
  // A time that is the argument itself is not the next one.
  let last = next(day - SECOND_MS);
  for (let run = next(last); run < day + DAY_MS; run = next(last)) {
    gaps.push(run - last);
    if (run - last < SHORTEST_PERIOD * MINUTE_MS) return gaps;
    last = run;
  }
  const lastOffset = last - day;
  for (const untilMs = day + DAYS_LOOKED_AT * DAY_MS; day < untilMs; ) {
    const run = next(day + DAY_MS - SECOND_MS);
    gaps.push(run - (day + lastOffset));
    day = startOfDay(run);
  }
  return gaps;
}

const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;
