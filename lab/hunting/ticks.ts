/** Moments in units of 100 ns since 1970 UTC, which is as exact as Defender's times are. */
export const TICKS_PER_MS = 10_000n;
const TICKS_PER_DAY = 86_400_000n * TICKS_PER_MS;

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

export const ticksOfMs = (ms: number): bigint => BigInt(Math.floor(ms)) * TICKS_PER_MS;

/** An ISO 8601 date or date and time; without an offset it is UTC. Undefined when it is none. */
export function parseTime(text: string): bigint | undefined {
  const found = TIME.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  return ticksOfMs(ms) + BigInt(fraction.slice(0, 7).padEnd(7, '0'));
}

/** The midnight (UTC) that a moment's day begins with. */
export function startOfDay(ticks: bigint): bigint {
  const rest = ticks % TICKS_PER_DAY;
  return rest < 0n ? ticks - rest - TICKS_PER_DAY : ticks - rest;
}
