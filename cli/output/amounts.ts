/** A count with separators: `12,345`. */
export const count = (value: number): string => value.toLocaleString('en');

/** `1 incident`, `2 incidents`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
];

/** How long ago, roughly: `just now`, `40 s ago`, `3 min ago`, `2 days ago`. */
export function ago(ms: number): string {
  if (ms < 2_000) return 'just now';
  for (const [unit, length] of UNITS) {
    const value = Math.floor(ms / length);
    if (value >= 1) return `${value} ${unit === 'day' && value > 1 ? 'days' : unit} ago`;
  }
  return `${Math.floor(ms / 1000)} s ago`;
}

/** Time since a start: `+1.2 s`, `+3:05`. */
export function since(ms: number): string {
  if (ms < 60_000) return `+${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours === 0 ? `+${minutes}:${two(seconds % 60)}` : `+${hours}:${two(minutes)}:${two(seconds % 60)}`;
}
