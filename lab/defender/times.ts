const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,12}))?(Z|[+-]\d{2}:\d{2})$/;
const TICKS_PER_MS = 10_000;

/**
 * A text that orders as the time does, whatever its number of digits and its offset:
 * UTC with twelve fraction digits and no `Z`. Undefined when the text is no time.
 */
export function timeKey(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const found = TIME.exec(text);
  if (!found) return undefined;
  const [, wholeSeconds, fraction = '', offset] = found;
  const ms = Date.parse(`${wholeSeconds}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  if (offset === 'Z') return `${wholeSeconds}.${fraction.padEnd(12, '0')}`;
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(12, '0')}`;
}

/**
 * A time as Graph writes it, with seven fraction digits.
 * @param ms since 1970 UTC
 * @param ticks further units of 100 ns, 0 to 9999
 */
export function formatTime(ms: number, ticks: number): string {
  const whole = new Date(ms).toISOString().slice(0, 23);
  return `${whole}${String(ticks).padStart(4, '0')}Z`;
}

/** `time`, or, where that is not later than `floor`, the next moment after `floor`. Both as `formatTime` gives them. */
export function laterThan(floor: string, time: string): string {
  if (time > floor) return time;
  const ms = Date.parse(`${floor.slice(0, 23)}Z`);
  const ticks = Number(floor.slice(23, 27)) + 1;
  return formatTime(ms + Math.floor(ticks / TICKS_PER_MS), ticks % TICKS_PER_MS);
}

/** Milliseconds since 1970 of a time in any documented form. */
export function timeMs(text: string): number {
  const key = timeKey(text);
  if (key === undefined) throw new Error(`not a time: ${text}`);
  return Date.parse(`${key.slice(0, 23)}Z`);
}

/** A seven-digit time with fewer digits; `trimmed` leaves out trailing zeros. */
export function withDigits(time: string, digits: 0 | 3 | 6 | 7 | 'trimmed'): string {
  if (digits === 7) return time;
  const fraction = time.slice(20, -1);
  const kept = digits === 'trimmed' ? fraction.replace(/0+$/, '') : fraction.slice(0, digits);
  return `${time.slice(0, 19)}${kept === '' ? '' : `.${kept}`}Z`;
}
