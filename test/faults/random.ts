/** A seeded source of chance: the same seed gives the same sequence, on every machine. */
export interface Random {
  /** Whole number, `0 <= n < below`. */
  below(below: number): number;
  /** True so many times in a hundred. */
  percent(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A seed for something of its own. */
  seed(): number;
  shuffled<Item>(items: readonly Item[]): Item[];
}

/** Chance by Mulberry32: 32 bits of state, good enough to draw schedules. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    percent: (percent) => below(100) < percent,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    seed: next,
    shuffled(items) {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [result[last], result[other]] = [result[other], result[last]] as [never, never];
      }
      return result;
    },
  };
}

/** The seed of the n-th schedule of a series: any schedule can be played alone. */
export function seedOf(series: number, index: number): number {
  return (Math.imul(series ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
}
