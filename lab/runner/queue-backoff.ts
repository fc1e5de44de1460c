const SHORTEST_MS = 100;

/** How long to wait before the next look at a queue. */
export interface Backoff {
  /** Milliseconds; longer each time nothing was found, back to the shortest once something was. */
  next(found: boolean): number;
}

/**
 * The host's randomised exponential backoff: from 100 ms up to `maxPollingInterval`.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#polling-algorithm
 *
 * @param random as Math.random.
 */
export function createBackoff(longestMs: number, random: () => number): Backoff {
  let misses = 0;
  return {
    next(found) {
      if (found) {
        misses = 0;
        return SHORTEST_MS;
      }
      const increment = misses === 0 ? 0 : SHORTEST_MS * (0.8 + random() * 0.4) * 2 ** (misses - 1);
      const wait = Math.min(SHORTEST_MS + increment, Math.max(longestMs, SHORTEST_MS));
      if (wait < longestMs) misses += 1;
      return wait;
    },
  };
}
