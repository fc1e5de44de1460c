import type { Clock } from '../../shared/clock.ts';

/** A clock that stands still until it is moved; sleeping moves it. */
export function createVirtualClock(
  startMs = Date.parse('2026-03-01T08:00:00Z'),
): Clock & { advance(ms: number): void } {
  let now = startMs;
  return {
    now: () => now,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
    },
    advance(ms) {
      now += ms;
    },
  };
}
