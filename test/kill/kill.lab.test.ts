import { expect, test } from 'vitest';
import { expectWhole } from './expect-whole.ts';
import { playKills } from './play.ts';

test('a first load that is killed again and again loses nothing, doubles nothing, stays fresh and ends', async () => {
  const result = await playKills({ kills: 5, seed: 4, tenants: 2, incidents: 300, storageStops: 0 });
  expectWhole(result);
  expect(result.kills).toBe(5);
  expect(result.midSync).toBeGreaterThanOrEqual(2);
  expect(result.midLoad).toBeGreaterThanOrEqual(2);
  expect(result.twoAtOnce).toBeGreaterThanOrEqual(2);
  expect(result.incidents).toBeGreaterThan(600);
  expect(result.changes).toBeGreaterThan(20);
  expect(result.announced).toBeGreaterThan(0);
}, 240_000);
