import { expect } from 'vitest';
import type { KillResult } from './play.ts';

/** Of the app's time: a lease of a minute, a timer that comes each minute, and the reading on a busy machine. */
const FRESH_WITHIN_SECONDS = 480;

/** Nothing lost or doubled, no process ended by itself, no message that is not ours left or tried again. */
export function expectWhole({ faults, freshAgainAfter, crashed, foreign, told }: KillResult): void {
  expect(faults).toEqual([]);
  expect(freshAgainAfter.at(-1)).toBeLessThan(FRESH_WITHIN_SECONDS);
  expect(crashed).toBe(0);
  expect(foreign).toEqual({ sent: 13, noted: 13, leftPoisoned: 0 });
  // The two that were sent to the poison queue, and none of the app's own.
  expect(told['sync.poisoned'] ?? 0).toBe(2);
}
