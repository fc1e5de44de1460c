/** Runs `work` over the items, at most `limit` at once; results in the items' order. The first failure stops it. */
export async function mapLimit<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  let failed = false;
  async function worker(): Promise<void> {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index] as Item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}

/** Turns for work that may go on in a few places only. */
export interface Turns {
  /** Does the work when its turn has come, first come first served. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** @param limit pieces of work that go on at the same time */
export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running < limit) running++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // Handed on, not freed: nobody who comes now may go before those who wait.
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
