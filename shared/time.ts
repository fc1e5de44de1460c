/**
 * Times of the Defender services. They carry up to seven fraction digits (100 ns), which `Date` cuts to
 * three and so skips or repeats records. Outrider keeps them as text, always UTC, always padded to seven
 * digits: such texts compare like the times they stand for.
 */

/** Time as text: `2026-01-22T12:09:23.1433333Z`. Always UTC, always 28 characters. */
export type PaddedTime = string;

/** Ticks are 100 ns since 1970-01-01T00:00:00Z. */
const TICKS_PER_MS = 10_000n;
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|z|[+-]\d{2}:\d{2})$/;

/**
 * Pads a time as a service sends it (no to nine fraction digits, `Z` or an offset) to seven digits, UTC.
 * Digits after the seventh are dropped.
 *
 * @returns undefined if the text is not a time.
 */
export function padTime(text: string): PaddedTime | undefined {
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [, day, clock, fraction = '', zone] = parts;
  // Date takes the 31st of February for the 3rd of March.
  if (new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) return undefined;
  const whole = new Date(`${day}T${clock}${zone === 'z' ? 'Z' : zone}`).toJSON();
  // An offset may lead out of the years of four digits.
  if (whole?.length !== '2026-01-01T00:00:00.000Z'.length) return undefined;
  return `${whole.slice(0, 19)}.${fraction.slice(0, 7).padEnd(7, '0')}Z`;
}

/** Padded text of a time in milliseconds since 1970 UTC. */
export function paddedFromMs(ms: number): PaddedTime {
  return `${new Date(ms).toISOString().slice(0, 23)}0000Z`;
}

/** Milliseconds since 1970 UTC, the digits below cut. For durations and display, never for a watermark. */
export function msFromPadded(time: PaddedTime): number {
  return Date.parse(`${time.slice(0, 23)}Z`);
}

/** Ticks (100 ns) since 1970 UTC. */
export function ticksFromPadded(time: PaddedTime): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * TICKS_PER_MS + BigInt(time.slice(20, 27));
}

/** Inverse of {@link ticksFromPadded}. */
export function paddedFromTicks(ticks: bigint): PaddedTime {
  const perSecond = TICKS_PER_MS * 1000n;
  const fraction = ((ticks % perSecond) + perSecond) % perSecond;
  const seconds = new Date(Number((ticks - fraction) / TICKS_PER_MS)).toISOString().slice(0, 19);
  return `${seconds}.${fraction.toString().padStart(7, '0')}Z`;
}

/** The time `ms` milliseconds later (earlier when negative), all seven digits kept. */
export function addMs(time: PaddedTime, ms: number): PaddedTime {
  return paddedFromTicks(ticksFromPadded(time) + BigInt(Math.round(ms)) * TICKS_PER_MS);
}

/** The time `ticks` ticks (100 ns) later; earlier when negative. */
export function addTicks(time: PaddedTime, ticks: number): PaddedTime {
  return paddedFromTicks(ticksFromPadded(time) + BigInt(Math.round(ticks)));
}

/** The later of two times. */
export function later(a: PaddedTime, b: PaddedTime): PaddedTime {
  return a > b ? a : b;
}
