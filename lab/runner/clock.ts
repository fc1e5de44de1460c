import { setTimeout as delay } from 'node:timers/promises';

/** Time as the runner sees it; tests move it by hand. */
export interface RunnerClock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Waits; returns early, without an error, when `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

// Node fires a timer at once when its delay does not fit 32 bits.
const LONGEST_DELAY_MS = 2_147_483_647;

/** The real clock. */
export function createSystemClock(): RunnerClock {
  return { now: () => Date.now(), sleep };
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let left = milliseconds;
  while (left > 0 && signal?.aborted !== true) {
    const step = Math.min(left, LONGEST_DELAY_MS);
    await delay(step, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    left -= step;
  }
}
