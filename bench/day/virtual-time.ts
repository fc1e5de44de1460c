import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

/** Time for many that wait at once: it moves to the next who is to wake when nobody has anything left to do. */
export interface VirtualTime {
  now(): number;
  /** Returns early, without an error, when the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Plays until then, in milliseconds since 1970. */
  playUntil(ms: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createVirtualTime(startMs: number): VirtualTime {
  let now = startMs;
  // Who wakes first is last.
  const sleepers: Sleeper[] = [];

  return {
    now: () => now,
    wait(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
        const sleeper: Sleeper = { at: now + Math.max(0, ms), wake: resolve };
        sleepers.splice(placeOf(sleepers, sleeper.at), 0, sleeper);
      });
    },
    async playUntil(end) {
      for (;;) {
        // Nothing in the sync waits for the real world, so that after a turn of the loop everybody sleeps again.
        await setImmediate();
        const next = sleepers.at(-1);
        if (!next || next.at > end) {
          now = end;
          return;
        }
        sleepers.pop();
        now = next.at;
        next.wake();
      }
    },
  };
}

/** The same as the product's clock, which shows whole milliseconds, and whose sleep rejects when it is aborted. */
export function clockOf({ now, wait }: VirtualTime, random: () => number): Clock {
  return {
    now: () => Math.floor(now()),
    random,
    async sleep(ms, signal) {
      await wait(ms, signal);
      signal?.throwIfAborted();
    },
  };
}

/** Before all who wake at the same time, after all who wake later. */
function placeOf(sleepers: readonly Sleeper[], at: number): number {
  let low = 0;
  let high = sleepers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sleepers[middle]?.at ?? 0) > at) low = middle + 1;
    else high = middle;
  }
  return low;
}
