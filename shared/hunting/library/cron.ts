import { Cron } from 'croner';

/** Shortest time between two runs of one query, in minutes: Defender's own shortest is 5. */
export const SHORTEST_PERIOD = 5;
/** How many runs ahead are looked at for the shortest and the longest time between two. */
const RUNS_LOOKED_AT = 12;

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
  let runs: readonly Date[];
  try {
    runs = cronOf(pattern, timeZone).nextRuns(RUNS_LOOKED_AT, from);
  } catch (error) {
    return { fault: `is no NCRONTAB expression such as "0 0 8 * * 1-5": ${reasonOf(pattern, error)}` };
  }
  if (runs.length === 0) return { fault: 'never fires' };
  const gaps = runs.slice(1).map((run, index) => (run.getTime() - (runs[index]?.getTime() ?? 0)) / 60_000);
  if (gaps.some((gap) => gap < SHORTEST_PERIOD)) {
    return { fault: `fires more often than every ${SHORTEST_PERIOD} minutes` };
  }
  return { longestGapMinutes: Math.ceil(Math.max(0, ...gaps)) };
}
