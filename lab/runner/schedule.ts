import { type Ncrontab, nextOccurrence, parseNcrontab } from './ncrontab.ts';
import { RunnerError } from './runner-error.ts';
import { looksLikeTimeSpan, parseTimeSpan } from './time-span.ts';
import { offsetAt, utcCandidates, wallClock } from './time-zone.ts';

/** When a timer fires. Times are milliseconds since 1970 UTC. */
export interface Schedule {
  readonly text: string;
  /** The first occurrence strictly after the given time. */
  next(after: number): number;
  /** Cron schedules follow the wall clock; intervals do not. */
  readonly adjustForDst: boolean;
  /** Whether occurrences are kept over restarts by default: only when they are a minute or more apart. */
  readonly monitored: boolean;
}

/**
 * A schedule from an NCRONTAB expression or a TimeSpan.
 *
 * @param timeZone IANA name, the value of `WEBSITE_TIME_ZONE`; UTC when absent.
 * @throws RunnerError when the text is neither, or never fires.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  return looksLikeTimeSpan(text) ? intervalSchedule(text) : cronSchedule(text, timeZone ?? 'UTC');
}

function intervalSchedule(text: string): Schedule {
  const interval = parseTimeSpan(text);
  if (interval <= 0) throw new RunnerError(`the schedule "${text}" is not longer than zero`);
  return { text, next: (after) => after + interval, adjustForDst: false, monitored: interval >= 60_000 };
}

function cronSchedule(text: string, timeZone: string): Schedule {
  const cron = parseNcrontab(text);
  if (nextOccurrence(cron, 0) === undefined) throw new RunnerError(`the schedule "${text}" never fires`);
  return {
    text,
    next: (after) => nextInZone(cron, timeZone, after),
    adjustForDst: true,
    monitored: isSlow(cron),
  };
}

function nextInZone(cron: Ncrontab, timeZone: string, after: number): number {
  const ahead = nextByWallClock(cron, timeZone, after);
  const setBack = offsetAt(after, timeZone) - offsetAt(ahead, timeZone);
  if (setBack <= 0) return ahead;
  // Clocks go back before `ahead`: the wall times of the repeated hour come first.
  let wall = wallClock(after, timeZone) - setBack;
  for (;;) {
    wall = nextWall(cron, wall);
    const time = wall - offsetAt(ahead, timeZone);
    if (time >= ahead) return ahead;
    if (wallClock(time, timeZone) === wall) return time;
  }
}

function nextByWallClock(cron: Ncrontab, timeZone: string, after: number): number {
  let wall = wallClock(after, timeZone);
  for (;;) {
    wall = nextWall(cron, wall);
    const time = utcCandidates(wall, timeZone).find((candidate) => candidate > after);
    if (time !== undefined) return time;
  }
}

function nextWall(cron: Ncrontab, wall: number): number {
  const next = nextOccurrence(cron, wall);
  if (next === undefined) throw new RunnerError('the schedule has no further occurrence');
  return next;
}

/** As the host decides whether to keep a schedule's status: the next five gaps are all at least a minute. */
function isSlow(cron: Ncrontab): boolean {
  let wall = 0;
  for (let count = 0; count < 5; count += 1) {
    const next = nextOccurrence(cron, wall);
    const following = next === undefined ? undefined : nextOccurrence(cron, next);
    if (next === undefined || following === undefined) return true;
    if (following - next < 60_000) return false;
    wall = next;
  }
  return true;
}
