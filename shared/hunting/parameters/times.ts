import { padTime, ticksFromPadded } from '../../time.ts';
import { type Literal, ValueFault } from './value.ts';

const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?$/;

const SECOND = 10_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const UNITS: Readonly<Record<string, bigint>> = {
  d: DAY,
  h: HOUR,
  m: MINUTE,
  s: SECOND,
  ms: 10_000n,
  microsecond: 10n,
  tick: 1n,
};
const LARGEST = 2n ** 63n - 1n;

const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?(ms|microsecond|tick|d|h|m|s)s?$/;
const CLOCK = /^(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/;
const ISO_WEEKS = /^(-?)P(\d+)W$/;
const ISO = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,7}))?S)?)?$/;

/** A time: ISO 8601 with zone, without (then UTC), or a day alone; seven fraction digits are kept. @throws ValueFault */
export function datetimeFrom(value: unknown): Literal {
  const padded = typeof value === 'string' ? padTime(withZone(value)) : undefined;
  if (padded === undefined) throw new ValueFault('is no time such as 2026-01-31T08:00:00Z');
  return { kql: `datetime(${padded})`, order: ticksFromPadded(padded) };
}

function withZone(text: string): string {
  if (DAY_ONLY.test(text)) return `${text}T00:00:00Z`;
  return WITHOUT_ZONE.test(text) ? `${text.replace(' ', 'T')}Z` : text;
}

/** A span: as KQL writes it (`7d`, `1.02:03:04.5`), or an ISO 8601 duration of weeks to seconds. @throws ValueFault */
export function timespanFrom(value: unknown): Literal {
  const ticks = typeof value === 'string' ? ticksOf(value) : undefined;
  if (ticks === undefined) throw new ValueFault('is no span such as 7d, 12h, 1.02:03:04 or P7D');
  if (ticks > LARGEST || ticks < -LARGEST) throw new ValueFault('is out of the range of timespan');
  return { kql: `time(${spanText(ticks)})`, order: ticks };
}

function ticksOf(text: string): bigint | undefined {
  if (text.length > 60) return undefined;
  return amountTicks(text) ?? clockTicks(text) ?? isoTicks(text);
}

function amountTicks(text: string): bigint | undefined {
  const parts = AMOUNT.exec(text);
  if (!parts) return undefined;
  const [, sign, whole = '', fraction = '', unit = ''] = parts;
  const ticks = (BigInt(whole + fraction) * (UNITS[unit] ?? 0n)) / 10n ** BigInt(fraction.length);
  return sign ? -ticks : ticks;
}

function clockTicks(text: string): bigint | undefined {
  const parts = CLOCK.exec(text);
  if (!parts) return undefined;
  const [, sign, days, hours, minutes, seconds, fraction] = parts;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) return undefined;
  return sum(sign, { days, hours, minutes, seconds, fraction });
}

function isoTicks(text: string): bigint | undefined {
  const weeks = ISO_WEEKS.exec(text);
  if (weeks) return sum(weeks[1], { days: String(BigInt(weeks[2] ?? '0') * 7n) });
  const parts = ISO.exec(text);
  if (!parts || /[PT]$/.test(text)) return undefined;
  const [, sign, days, hours, minutes, seconds, fraction] = parts;
  return sum(sign, { days, hours, minutes, seconds, fraction });
}

/** Each one digits, or absent. */
interface SpanParts {
  readonly days?: string | undefined;
  readonly hours?: string | undefined;
  readonly minutes?: string | undefined;
  readonly seconds?: string | undefined;
  /** At most seven digits after the point. */
  readonly fraction?: string | undefined;
}

function sum(sign: string | undefined, parts: SpanParts): bigint {
  const ticks =
    BigInt(parts.days ?? 0) * DAY +
    BigInt(parts.hours ?? 0) * HOUR +
    BigInt(parts.minutes ?? 0) * MINUTE +
    BigInt(parts.seconds ?? 0) * SECOND +
    BigInt((parts.fraction ?? '').padEnd(7, '0'));
  return sign ? -ticks : ticks;
}

function spanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const two = (amount: bigint): string => String(amount).padStart(2, '0');
  const clock = [(size / HOUR) % 24n, (size / MINUTE) % 60n, (size / SECOND) % 60n].map(two).join(':');
  return `${ticks < 0n ? '-' : ''}${size / DAY}.${clock}.${String(size % SECOND).padStart(7, '0')}`;
}
