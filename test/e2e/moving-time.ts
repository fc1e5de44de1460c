import type { Clock } from '../../shared/clock.ts';

/**
 * This process's time: the machine's, moved ahead. The lab, the product and the Azure libraries share it, so a day
 * can pass between two calls and every token of the day before has really expired. TLS and Azurite, a process of its
 * own, stay in the present. To be imported before anything that keeps `Date.now`.
 */
const MachineDate = globalThis.Date;
const DAY_MS = 24 * 3_600_000;
const MORNING_MS = 8 * 3_600_000;
/** Waits of the product are this much shorter in the machine's time: a backoff passes, a request's time limit does not. */
const HASTE = 12;

let aheadMs = 0;

globalThis.Date = class extends MachineDate {
  static override now(): number {
    return MachineDate.now() + aheadMs;
  }
  constructor(...when: [] | [number]) {
    super(...((when.length === 0 ? [MachineDate.now() + aheadMs] : when) as [number]));
  }
} as DateConstructor;

export function advance(ms: number): void {
  aheadMs += ms;
}

/** Moves to the next 08:00 UTC: what happens once a day does not fall into the minutes of a test. */
export function advanceToMorning(): void {
  const now = Date.now();
  advance(DAY_MS - ((now - MORNING_MS) % DAY_MS));
}

/** The product's clock: its waits really end, only sooner, and time has then passed in full. */
export const hurriedClock: Clock = {
  now: () => Date.now(),
  random: () => 0.5,
  sleep(ms, signal) {
    const wakeAt = Date.now() + ms;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        advance(Math.max(0, wakeAt - Date.now()));
        resolve();
      }, ms / HASTE);
      signal?.addEventListener('abort', stop, { once: true });
    });
  },
};
