import { expect, test } from 'vitest';
import { refreshTime } from '../../shared/auth/issued-token.ts';

const MINUTE = 60_000;

test.each([
  ['an hour', { lifetimeMs: 60 * MINUTE }, 50, 55],
  ['ninety minutes', { lifetimeMs: 90 * MINUTE }, 80, 85],
  ['a day', { lifetimeMs: 1440 * MINUTE }, 720, 792],
  ['a day, with advice', { lifetimeMs: 1440 * MINUTE, refreshInMs: 600 * MINUTE }, 600, 660],
  ['eight minutes', { lifetimeMs: 8 * MINUTE }, 4, 4],
  ['an hour, with advice near its end', { lifetimeMs: 60 * MINUTE, refreshInMs: 58 * MINUTE }, 50, 55],
] as const)('a token that lives for %s', (_, lifetime, earliest, latest) => {
  for (const random of [0, 0.25, 0.5, 0.999]) {
    const minutes = refreshTime({ issuedAt: 1_000, random, ...lifetime }) / MINUTE - 1_000 / MINUTE;
    expect(minutes).toBeGreaterThanOrEqual(earliest);
    expect(minutes).toBeLessThanOrEqual(latest);
  }
});
