import { isMap } from 'yaml';
import { closestTo } from '../../text.ts';
import type { QuerySchedule } from '../query.ts';
import { cronFacts, isTimeZone, SHORTEST_PERIOD } from './cron.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { minutesOf } from './spans.ts';
import { booleanOf, type Field, type Fields, fieldsOf, illTyped, numberOf } from './yaml-fields.ts';
import { scalarText } from './yaml-values.ts';

/** Defender keeps 30 days for advanced hunting (learn: advanced-hunting-overview). */
const MOST_LOOKBACK = 30 * 1440;
const MOST_PERIOD = MOST_LOOKBACK;
const DEFAULT_ENDS_AFTER_DAYS = 30;
const MOST_DAYS = 3650;
/** What a `schedule` map has. */
export const SCHEDULE_PARTS = [
  'frequency',
  'cron',
  'timeZone',
  'lookback',
  'learnSilently',
  'endsAfterDays',
] as const;
const ALIASES: Readonly<Record<string, (typeof SCHEDULE_PARTS)[number]>> = { period: 'frequency' };

type Parts = Partial<Record<(typeof SCHEDULE_PARTS)[number], Field>>;

interface ReadScheduleOptions {
  readonly fields: Fields;
  readonly sink: ProblemSink;
  readonly now: Date;
  /** Takes members of `schedule` that mean nothing here. */
  readonly keep: (rest: readonly Field[]) => void;
}

/**
 * The schedule of a query: a `schedule` map of our own or Microsoft Graph, or `queryFrequency` and `queryPeriod` of
 * Sentinel. Undefined when there is none, or when it is wrong, which is told.
 */
export function readSchedule({ fields, sink, now, keep }: ReadScheduleOptions): QuerySchedule | undefined {
  const field = fields.take('schedule');
  const [frequency, lookback] = [fields.take('frequency'), fields.take('lookback')];
  const top: Parts = { ...(frequency && { frequency }), ...(lookback && { lookback }) };
  if (!field && !frequency) return undefined;
  if (field && !isMap(field.node) && scalarText(field.node) === undefined) {
    illTyped(sink, field, 'a map such as { frequency: PT1H }');
    return undefined;
  }
  const before = sink.errors();
  const parts = field ? { ...top, ...partsOf(field, sink, keep) } : top;
  const schedule = scheduleOf(parts, field ?? frequency, sink, now);
  return sink.errors() === before ? schedule : undefined;
}

function partsOf(field: Field, sink: ProblemSink, keep: ReadScheduleOptions['keep']): Parts {
  if (!isMap(field.node)) {
    const text = scalarText(field.node) ?? '';
    return text.trim().includes(' ') ? { cron: field } : { frequency: field };
  }
  const parts: Parts = {};
  const rest: Field[] = [];
  for (const part of fieldsOf(field.node)) {
    const name = SCHEDULE_PARTS.find((known) => known === part.key) ?? ALIASES[part.key];
    if (name !== undefined) {
      parts[name] = part;
      continue;
    }
    rest.push(part);
    const meant = closestTo(part.key, SCHEDULE_PARTS);
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    sink.warn(PROBLEM.unknownField, part.keyOffset, `"${part.key}" is not part of a schedule.${hint}`);
  }
  keep(rest);
  return parts;
}

function scheduleOf(
  parts: Parts,
  whole: Field | undefined,
  sink: ProblemSink,
  now: Date,
): QuerySchedule | undefined {
  const timeZone = zoneOf(parts.timeZone, sink);
  const every = everyOf(parts, whole, sink);
  if (every === undefined || timeZone === undefined) return undefined;
  const period = 'minutes' in every ? every.minutes : gapOf(every.cron, timeZone, parts.cron, sink, now);
  if (period === undefined) return undefined;
  return {
    every,
    timeZone,
    lookbackMinutes: lookbackOf(parts.lookback, period, sink),
    learnSilently: flagOf(parts.learnSilently, sink),
    endsAfterDays: daysOf(parts.endsAfterDays, sink),
  };
}

function zoneOf(field: Field | undefined, sink: ProblemSink): string | undefined {
  if (!field) return 'UTC';
  const zone = scalarText(field.node);
  if (zone !== undefined && isTimeZone(zone)) return zone;
  sink.error(
    PROBLEM.schedule,
    field.offset,
    `"${zone ?? ''}" is no IANA time zone, such as Europe/Berlin or UTC.`,
  );
  return undefined;
}

function everyOf(
  { frequency, cron }: Parts,
  whole: Field | undefined,
  sink: ProblemSink,
): QuerySchedule['every'] | undefined {
  if (frequency && cron) {
    sink.error(
      PROBLEM.schedule,
      cron.offset,
      'A schedule has either a frequency or a cron expression, not both.',
    );
    return undefined;
  }
  if (cron) {
    const pattern = scalarText(cron.node);
    if (pattern !== undefined) return { cron: pattern.trim() };
    illTyped(sink, cron, 'an NCRONTAB expression such as "0 0 8 * * 1-5"');
    return undefined;
  }
  if (frequency) return periodOf(frequency, sink);
  sink.error(
    PROBLEM.schedule,
    whole?.offset ?? 0,
    'The schedule never fires: it has neither a frequency (PT1H) nor a cron expression.',
  );
  return undefined;
}

function periodOf(field: Field, sink: ProblemSink): { readonly minutes: number } | undefined {
  const text = scalarText(field.node);
  const minutes = text === undefined ? undefined : minutesOf(text);
  if (minutes === undefined) {
    illTyped(sink, field, 'a span such as PT1H, P1D, 5m or 1h');
    return undefined;
  }
  if (minutes > MOST_PERIOD) {
    sink.error(
      PROBLEM.schedule,
      field.offset,
      `A period of more than 30 days would miss events: Defender keeps 30 days.`,
    );
    return undefined;
  }
  if (minutes > 0 && minutes < SHORTEST_PERIOD) {
    sink.warn(
      PROBLEM.schedule,
      field.offset,
      `The shortest period is ${SHORTEST_PERIOD} minutes: it runs that often.`,
    );
  }
  return { minutes: Math.max(SHORTEST_PERIOD, Math.ceil(minutes)) };
}

function gapOf(
  pattern: string,
  timeZone: string,
  field: Field | undefined,
  sink: ProblemSink,
  now: Date,
): number | undefined {
  const facts = cronFacts(pattern, timeZone, now);
  if ('longestGapMinutes' in facts) return facts.longestGapMinutes;
  sink.error(PROBLEM.schedule, field?.offset ?? 0, `The schedule "${pattern}" ${facts.fault}.`);
  return undefined;
}

function lookbackOf(field: Field | undefined, period: number, sink: ProblemSink): number {
  const least = Math.min(MOST_LOOKBACK, period);
  if (!field) return Math.max(SHORTEST_PERIOD, least);
  const text = scalarText(field.node);
  const minutes = text === undefined ? undefined : minutesOf(text);
  if (minutes === undefined) illTyped(sink, field, 'a span such as PT1H, P1D, 5m or 1h');
  else if (minutes > MOST_LOOKBACK) {
    sink.error(
      PROBLEM.schedule,
      field.offset,
      'The lookback is over 30 days, which is all that Defender keeps.',
    );
  } else if (minutes < least) {
    sink.error(
      PROBLEM.schedule,
      field.offset,
      `The lookback of ${minutes} minutes is shorter than the time between two runs (${least} minutes): what lies between would never be looked at.`,
    );
  }
  return Math.ceil(minutes ?? least);
}

function flagOf(field: Field | undefined, sink: ProblemSink): boolean {
  if (!field) return false;
  const value = booleanOf(field.node);
  if (value === undefined) illTyped(sink, field, 'true or false');
  return value ?? false;
}

function daysOf(field: Field | undefined, sink: ProblemSink): number {
  if (!field) return DEFAULT_ENDS_AFTER_DAYS;
  const days = numberOf(field.node);
  if (days !== undefined && Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days;
  illTyped(sink, field, `a whole number of days from 1 to ${MOST_DAYS}`);
  return DEFAULT_ENDS_AFTER_DAYS;
}
