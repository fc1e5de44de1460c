import { RunnerError } from './runner-error.ts';

/**
 * An NCRONTAB expression: which seconds, minutes … it names. Unlike crontab, a day must fit both the
 * day of month *and* the day of week.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 * https://github.com/atifaziz/NCrontab/wiki/Crontab-Expression
 */
export interface Ncrontab {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words: readonly string[];
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const SECOND: Field = { name: 'second', min: 0, max: 59, words: [] };
const MINUTE: Field = { name: 'minute', min: 0, max: 59, words: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, words: [] };
const DAY: Field = { name: 'day', min: 1, max: 31, words: [] };
const MONTH: Field = { name: 'month', min: 1, max: 12, words: MONTHS };
const WEEKDAY: Field = { name: 'day of week', min: 0, max: 6, words: WEEKDAYS };

/**
 * Reads six fields (`second minute hour day month day-of-week`), or five, which then start at the minute.
 *
 * @throws RunnerError naming the field that is wrong.
 */
export function parseNcrontab(text: string): Ncrontab {
  const parts = text.trim().split(/\s+/);
  const [second, minute, hour, day, month, weekday] = parts.length === 5 ? ['0', ...parts] : parts;
  const complete = parts.length === 5 || parts.length === 6;
  if (!complete || !second || !minute || !hour || !day || !month || !weekday) {
    throw new RunnerError(
      `"${text}" is not an NCRONTAB expression: it has ${parts.length} fields, not six or five`,
    );
  }
  return {
    seconds: parseField(second, SECOND),
    minutes: parseField(minute, MINUTE),
    hours: parseField(hour, HOUR),
    days: parseField(day, DAY),
    months: parseField(month, MONTH),
    weekdays: parseField(weekday, WEEKDAY),
  };
}

function parseField(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of text.split(',')) addItem(values, item, field);
  return values;
}

function addItem(values: Set<number>, item: string, field: Field): void {
  const [range = '', stepText] = item.split('/', 2);
  const step = stepText === undefined ? 1 : Number(stepText);
  if (!/^\d+$/.test(stepText ?? '1') || step < 1 || item.split('/').length > 2) throw wrongField(item, field);
  const [from, to] = bounds(range, field, stepText !== undefined);
  for (let value = from; value <= to; value += step) values.add(value);
}

function bounds(range: string, field: Field, stepped: boolean): readonly [number, number] {
  if (range === '*') return [field.min, field.max];
  const ends = range.split('-');
  if (ends.length > 2) throw wrongField(range, field);
  const from = parseValue(ends[0] ?? '', field);
  if (ends[1] !== undefined) {
    const to = parseValue(ends[1], field);
    return from <= to ? [from, to] : [to, from];
  }
  return [from, stepped ? field.max : from];
}

function parseValue(text: string, field: Field): number {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    if (value < field.min || value > field.max) throw wrongField(text, field);
    return value;
  }
  const position = field.words.findIndex((word) => word.toLowerCase().startsWith(text.toLowerCase()));
  if (text === '' || position < 0) throw wrongField(text, field);
  return position + field.min;
}

function wrongField(text: string, field: Field): RunnerError {
  return new RunnerError(
    `"${text}" is not a ${field.name} (${field.min} to ${field.max}) in an NCRONTAB expression`,
  );
}

const DAY_MS = 86_400_000;
// The rarest day there is, a 29 February on a given weekday, can be 40 years away.
const LONGEST_SEARCH_DAYS = 366 * 41;

/**
 * The first moment after `wall` that fits; both are wall-clock times written as if they were UTC, in
 * milliseconds. Undefined when no date fits, as for 30 February.
 */
export function nextOccurrence(cron: Ncrontab, wall: number): number | undefined {
  const start = (Math.floor(wall / 1000) + 1) * 1000;
  let dayStart = Math.floor(start / DAY_MS) * DAY_MS;
  let earliest = (start - dayStart) / 1000;
  for (let day = 0; day < LONGEST_SEARCH_DAYS; day += 1, dayStart += DAY_MS, earliest = 0) {
    if (!fitsDay(cron, new Date(dayStart))) continue;
    const second = secondOfDay(cron, earliest);
    if (second !== undefined) return dayStart + second * 1000;
  }
  return undefined;
}

function fitsDay(cron: Ncrontab, date: Date): boolean {
  return (
    cron.months.has(date.getUTCMonth() + 1) &&
    cron.days.has(date.getUTCDate()) &&
    cron.weekdays.has(date.getUTCDay())
  );
}

function secondOfDay(cron: Ncrontab, earliest: number): number | undefined {
  for (const hour of sorted(cron.hours)) {
    if (hour * 3600 + 3599 < earliest) continue;
    for (const minute of sorted(cron.minutes)) {
      if (hour * 3600 + minute * 60 + 59 < earliest) continue;
      for (const second of sorted(cron.seconds)) {
        const moment = hour * 3600 + minute * 60 + second;
        if (moment >= earliest) return moment;
      }
    }
  }
  return undefined;
}

function sorted(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((left, right) => left - right);
}
