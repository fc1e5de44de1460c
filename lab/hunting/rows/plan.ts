import type { HuntSettings } from '../settings.ts';
import type { Span } from '../span.ts';
import { TICKS_PER_MS } from '../ticks.ts';
import { draw, seedOf, share } from './chance.ts';

/** A row before it has any values. Its time and its seeds are its own: no span that holds it changes them. */
export interface PlannedRow {
  /** Milliseconds since 1970 at which the hour of the row begins. */
  readonly hourMs: number;
  /** Units of 100 ns since then. */
  readonly offset: number;
  /** Decides what the row is about: rows with the same one tell of the same thing. */
  readonly entity: number;
  /** Decides what only this row has. Of a hundred thousand rows two may share one. */
  readonly event: number;
  /** Never shared: what the service numbers its records by. Below 10^12. */
  readonly serial: number;
}

export interface PlanOptions {
  /** Names the query and whose data it is run on. */
  readonly key: string;
  readonly rowsPerHour: number;
  /** Milliseconds since 1970 of the lab's start, see `huntLivePerHour`. */
  readonly liveFrom: number;
  readonly settings: Pick<
    HuntSettings,
    'huntTimeGridMs' | 'huntRepeatShare' | 'huntLateShare' | 'huntLateMs' | 'huntLivePerHour'
  >;
  readonly span: Span;
  /** Milliseconds since 1970: what becomes visible later is not in the answer. */
  readonly now: number;
  readonly newestFirst: boolean;
}

const HOUR_MS = 3_600_000;
const HOUR_TICKS = HOUR_MS * 10_000;
const REPEATED_ENTITIES = 5;
/** More rows than any test asks for in an hour. */
const ROWS_OF_HOUR = 1_000_000;

/** The rows in a span, by time, hour by hour. */
export function* planRows(options: PlanOptions): Generator<PlannedRow> {
  const { span, newestFirst } = options;
  if (span.to <= span.from) return;
  const hourTicks = BigInt(HOUR_TICKS);
  const first = Number(span.from / hourTicks);
  const last = Number((span.to - 1n) / hourTicks);
  for (let step = 0; step <= last - first; step += 1) {
    const hour = newestFirst ? last - step : first + step;
    const from = Number(span.from - BigInt(hour) * hourTicks);
    const to = Number(span.to - BigInt(hour) * hourTicks);
    const rows = rowsOfHour(options, hour).filter(({ offset }) => offset >= from && offset < to);
    yield* newestFirst ? rows.reverse() : rows;
  }
}

function rowsOfHour(options: PlanOptions, hour: number): PlannedRow[] {
  const { key, settings, now } = options;
  const seed = seedOf(key, hour);
  const rate = rateOf(options, hour);
  const count = Math.floor(rate) + (share(seed, 0) < rate % 1 ? 1 : 0);
  const grid = (settings.huntTimeGridMs ?? 0) * Number(TICKS_PER_MS);
  const hourMs = hour * HOUR_MS;
  const rows: PlannedRow[] = [];
  for (let n = 1; n <= count; n += 1) {
    const event = draw(seed, n);
    const drawn = Math.floor(share(event, 0) * HOUR_TICKS);
    const offset = grid > 0 ? drawn - (drawn % grid) : drawn;
    const isLate = share(event, 1) < settings.huntLateShare;
    const delayMs = isLate ? share(event, 2) * settings.huntLateMs : 0;
    if (hourMs + offset / 10_000 + delayMs > now) continue;
    const isRepeated = share(event, 3) < settings.huntRepeatShare;
    const entity = isRepeated ? seedOf(key, 'again', draw(event, 4) % REPEATED_ENTITIES) : draw(event, 5);
    rows.push({ hourMs, offset, entity, event, serial: hour * ROWS_OF_HOUR + n });
  }
  return rows.sort((one, other) => one.offset - other.offset);
}

function rateOf({ rowsPerHour, settings, liveFrom }: PlanOptions, hour: number): number {
  const isLive = rowsPerHour > 0 && (hour + 1) * HOUR_MS > liveFrom;
  return isLive ? Math.max(rowsPerHour, settings.huntLivePerHour ?? 0) : rowsPerHour;
}

/** `2026-11-20T12:`, to which `offsetText` adds the rest. */
export const hourText = (hourMs: number): string => new Date(hourMs).toISOString().slice(0, 14);

/** Minutes, seconds and seven digits of an offset in an hour. */
export function offsetText(offset: number): string {
  const seconds = Math.floor(offset / 10_000_000);
  const fraction = String(offset % 10_000_000).padStart(7, '0');
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}.${fraction}Z`;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
