import { expect, test } from 'vitest';
import { playKills } from './play.ts';

/** Of the app's time: a lease of a minute, a timer that comes each minute, and the reading itself. */
const FRESH_WITHIN_SECONDS = 240;

test('a first load that is killed again and again loses nothing, doubles nothing, stays fresh and ends', async () => {
  const result = await playKills({ kills: 6, seed: 4, tenants: 2, incidents: 400 });
  expect(result.faults).toEqual([]);
  expect(result.kills).toBe(6);
  expect(result.midSync).toBeGreaterThanOrEqual(3);
  expect(result.midLoad).toBeGreaterThanOrEqual(3);
  expect(result.twoAtOnce).toBeGreaterThanOrEqual(2);
  expect(result.incidents).toBeGreaterThan(800);
  expect(result.changes).toBeGreaterThan(30);
  expect(result.announced).toBeGreaterThan(0);
  expect(result.freshAgainAfter.at(-1)).toBeLessThan(FRESH_WITHIN_SECONDS);
  expect(result.told['sync.poisoned'] ?? 0).toBe(0);
}, 180_000);
