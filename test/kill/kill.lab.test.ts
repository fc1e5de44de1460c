import { expect, test } from 'vitest';
import { playKills } from './play.ts';

/** Of the app’s time: a lease of a minute, a timer that comes each minute, and the reading on a busy machine. */
const FRESH_WITHIN_SECONDS = 480;

test('a first load that is killed again and again, and loses its storage for a while, loses nothing, doubles nothing, stays fresh and ends', async () => {
  const result = await playKills({ kills: 5, seed: 4, tenants: 2, incidents: 300, storageStops: 1 });
  expect(result.faults).toEqual([]);
  expect(result.kills).toBe(5);
  expect(result.midSync).toBeGreaterThanOrEqual(2);
  expect(result.midLoad).toBeGreaterThanOrEqual(2);
  expect(result.twoAtOnce).toBeGreaterThanOrEqual(2);
  expect(result.incidents).toBeGreaterThan(600);
  expect(result.changes).toBeGreaterThan(30);
  expect(result.announced).toBeGreaterThan(0);
  expect(result.freshAgainAfter.at(-1)).toBeLessThan(FRESH_WITHIN_SECONDS);
  expect(result).toMatchObject({ storageStops: 1, crashed: 0 });
  expect(result.foreign).toEqual({ sent: 13, noted: 13, leftPoisoned: 0 });
  // The two that were sent to the poison queue, and none of the app's own.
  expect(result.told['sync.poisoned'] ?? 0).toBe(2);
}, 240_000);
