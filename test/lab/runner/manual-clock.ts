import type { RunnerClock } from '../../../lab/runner/clock.ts';

/** A clock that moves only when told to. */
export interface ManualClock extends RunnerClock {
  /** Moves time on, waking sleepers in the order of their times and letting what they start settle. */
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createManualClock(start: number): ManualClock {
  let time = start;
  const sleepers = new Set<Sleeper>();

  return {
    now: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: time + milliseconds, wake };
        sleepers.add(sleeper);
        if (signal?.aborted === true) wake();
        signal?.addEventListener('abort', wake, { once: true });
        function wake(): void {
          sleepers.delete(sleeper);
          resolve();
        }
      }),
    async advance(milliseconds) {
      const end = time + milliseconds;
      await settle();
      for (;;) {
        const [next] = [...sleepers].sort((left, right) => left.at - right.at);
        if (next === undefined || next.at > end) break;
        time = Math.max(time, next.at);
        next.wake();
        await settle();
      }
      time = end;
    },
  };
}

/** Lets every promise that can settle without time passing settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
