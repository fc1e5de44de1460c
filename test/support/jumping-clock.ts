import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until something is waited for, then jumps there. */
export interface JumpingClock extends Clock {
  /** Runs the work to its end; whenever all of it waits, time jumps to the next sleeper. */
  run<T>(work: Promise<T> | (() => Promise<T>)): Promise<T>;
  /** Lengths of all sleeps that were begun, in milliseconds. */
  readonly slept: readonly number[];
  advance(ms: number): void;
}

export const START_MS = Date.parse('2026-11-21T12:00:00Z');

export function createJumpingClock({
  random = () => 0.5,
}: {
  readonly random?: () => number;
} = {}): JumpingClock {
  let now = START_MS;
  let sleepers: Sleeper[] = [];
  const slept: number[] = [];

  function wakeUpTo(time: number): void {
    now = Math.max(now, time);
    const due = sleepers.filter((sleeper) => sleeper.at <= now).sort((a, b) => a.at - b.at);
    sleepers = sleepers.filter((sleeper) => sleeper.at > now);
    for (const { wake } of due) wake();
  }

  return {
    now: () => now,
    random,
    slept,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
      });
    },
    advance: (ms) => wakeUpTo(now + ms),
    async run(work) {
      const promise = typeof work === 'function' ? work() : work;
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      promise.then(done, done);
      for (let idle = 0; !settled; ) {
        await turn();
        if (settled) break;
        if (sleepers.length === 0) {
          idle += 1;
          if (idle > 1000) throw new Error('the work waits for something that never comes');
          continue;
        }
        idle = 0;
        // A few turns for streams and promises to get as far as they can before time moves.
        for (let turns = 0; turns < 5; turns += 1) await turn();
        if (!settled && sleepers.length > 0) wakeUpTo(Math.min(...sleepers.map(({ at }) => at)));
      }
      return promise;
    },
  };
}
