import type { Clock } from '../../clock.ts';
import type { RunOrigin } from '../run/types.ts';

/** Somebody in this instance who waits for a call of one tenant. */
export interface Waiter {
  readonly origin: RunOrigin;
  readonly latestMs: number;
}

/** Who waits for one tenant's calls: ad-hoc runs first, else first come first served. */
export interface Waiters {
  /** Of this origin, or of both. */
  size(origin?: RunOrigin): number;
  first(): Waiter | undefined;
  /** Resolves when served; rejects when refused, or with the signal's reason. */
  wait(waiter: Waiter & { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Lets the first one go. */
  serve(): void;
  refuse(which: (waiter: Waiter) => boolean, why: () => unknown): void;
  /** Ends early when somebody joins, or the last one leaves. */
  sleepUnlessSomebodyComes(ms: number): Promise<void>;
}

interface Entry extends Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const WOKEN = new Error('somebody came');

export function createWaiters(clock: Clock): Waiters {
  let entries: Entry[] = [];
  let sleeping: AbortController | undefined;

  function leave(entry: Entry): void {
    entries = entries.filter((other) => other !== entry);
    if (entries.length === 0) sleeping?.abort(WOKEN);
  }

  function first(): Entry | undefined {
    return entries.find(({ origin }) => origin === 'adhoc') ?? entries[0];
  }

  return {
    size: (origin) =>
      origin === undefined ? entries.length : entries.filter((entry) => entry.origin === origin).length,
    first,
    wait({ origin, latestMs, signal }) {
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          leave(entry);
          reject(signal?.reason);
        };
        const settle =
          <Args extends unknown[]>(work: (...args: Args) => void) =>
          (...args: Args): void => {
            signal?.removeEventListener('abort', onAbort);
            work(...args);
          };
        const entry: Entry = { origin, latestMs, resolve: settle(resolve), reject: settle(reject) };
        signal?.addEventListener('abort', onAbort, { once: true });
        entries.push(entry);
        sleeping?.abort(WOKEN);
      });
    },
    serve() {
      const entry = first();
      if (!entry) return;
      leave(entry);
      entry.resolve();
    },
    refuse(which, why) {
      for (const entry of entries.filter(which)) {
        leave(entry);
        entry.reject(why());
      }
    },
    async sleepUnlessSomebodyComes(ms) {
      const controller = new AbortController();
      sleeping = controller;
      try {
        await clock.sleep(ms, controller.signal);
      } catch (error) {
        if (error !== WOKEN) throw error;
      } finally {
        sleeping = undefined;
      }
    },
  };
}
