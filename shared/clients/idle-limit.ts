import type { Clock } from '../clock.ts';

/** Watches that no single wait takes too long; time between the waits, while the reader works, does not count. */
export interface IdleLimit {
  /** What `wait` comes to, or the reason of `fail`, even if `wait` never ends. */
  during<T>(wait: Promise<T>): Promise<T>;
  /** Fails the present wait and all to come. */
  fail(reason: unknown): void;
  end(): void;
}

const ENDED = new Error('nothing is waited for any more');

/**
 * One timer for many waits, since a body has thousands: `onIdle` is called when a wait has lasted `ms`, at the latest
 * when it has lasted twice as long.
 */
export function createIdleLimit(clock: Clock, ms: number, onIdle: () => void): IdleLimit {
  const ended = new AbortController();
  let waitingSince: number | undefined;
  let failed: { readonly reason: unknown } | undefined;
  let failWait: ((reason: unknown) => void) | undefined;

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(ms, ended.signal);
      if (waitingSince !== undefined && clock.now() - waitingSince >= ms) return onIdle();
    }
  }
  watch().catch(() => {});

  return {
    async during(wait) {
      waitingSince = clock.now();
      try {
        // Not Promise.race with a promise that lives as long as the body: that would keep every chunk until its end.
        return await new Promise((resolve, reject) => {
          failWait = reject;
          wait.then(resolve, reject);
          if (failed) reject(failed.reason);
        });
      } finally {
        waitingSince = undefined;
        failWait = undefined;
      }
    },
    fail(reason) {
      failed = { reason };
      failWait?.(reason);
    },
    end: () => ended.abort(ENDED),
  };
}
