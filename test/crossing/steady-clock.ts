import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

/** Virtual time that moves with every call of the wire, and jumps to the next sleeper when nothing else goes on. */
export interface SteadyClock extends Clock {
  /** Runs the work to its end. */
  run<T>(work: () => Promise<T>): Promise<T>;
  advance(ms: number): void;
  /** Time does not jump while a call is under way, however long its cryptography takes in real time. */
  during<T>(call: () => Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** So much passes with every call: retries then wake up among the calls of other tenants. */
const CALL_MS = 15;
/** No call takes longer by that, though its cryptography waits for a processor while others go on. */
const LONGEST_CALL_MS = 5_000;
/** Turns of the event loop without any call before time jumps. */
const IDLE_TURNS = 12;
const STUCK_TURNS = 5_000;

export function createSteadyClock({ random }: { readonly random: () => number }): SteadyClock {
  let now = Date.parse('2026-11-21T12:00:00Z');
  /** When each call under way began, oldest first. */
  const underWay = new Set<{ readonly at: number }>();
  let idle = 0;
  const sleepers = new Set<Sleeper>();

  function advance(ms: number): void {
    now += ms;
    const due = [...sleepers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    for (const sleeper of due) sleepers.delete(sleeper);
    for (const { wake } of due) wake();
  }

  function jump(): void {
    const next = Math.min(...[...sleepers].map(({ at }) => at));
    if (Number.isFinite(next)) {
      idle = 0;
      advance(Math.max(0, next - now));
    }
    if (idle > STUCK_TURNS) throw new Error('the work waits for something that never comes');
  }

  return {
    now: () => now,
    random,
    advance,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper: Sleeper = { at: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async during(call) {
      const [oldest] = underWay;
      if (!oldest || now < oldest.at + LONGEST_CALL_MS) advance(CALL_MS);
      const mine = { at: now };
      underWay.add(mine);
      try {
        return await call();
      } finally {
        underWay.delete(mine);
        idle = 0;
      }
    },
    async run(work) {
      let settled = false;
      const result = work().finally(() => {
        settled = true;
      });
      // Awaited below; a failure while time moves must not count as unhandled.
      result.catch(() => {});
      while (!settled) {
        await turn();
        if (underWay.size === 0 && !settled && ++idle > IDLE_TURNS) jump();
      }
      return result;
    },
  };
}
