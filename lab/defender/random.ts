/** Repeatable chance: the same seed gives the same draws. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A copy in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** A new, independent source named by a label. */
  fork(label: string): Random;
}

const GOLDEN = 0x9e3779b9;

/** @param seed any whole number */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  // Mulberry32: 32 bits of state are plenty for sample data.
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));

  function pick<T>(from: readonly T[]): T {
    const item = from[int(0, from.length - 1)];
    if (item === undefined) throw new Error('cannot pick from an empty list');
    return item;
  }

  function shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last -= 1) {
      const other = int(0, last);
      [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
    }
    return copy;
  }

  function hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += int(0, 0xffffff).toString(16).padStart(6, '0');
    return text.slice(0, digits);
  }

  function uuid(): string {
    const digits = hex(30);
    const variant = '89ab'.charAt(int(0, 3));
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(12, 15)}`,
      `${variant}${digits.slice(15, 18)}`,
      digits.slice(18, 30),
    ].join('-');
  }

  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick,
    shuffle,
    hex,
    uuid,
    fork: (label) => createRandom(hashText(label, seed)),
  };
}

/** FNV-1a over the text, started from the seed. */
function hashText(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed, GOLDEN)) >>> 0;
  for (const char of text) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash;
}
