import { expect, it } from 'vitest';
import { playDay } from '../../bench/day/play-day.ts';
import { mostWithin } from '../../bench/day/upstream.ts';

const INTERVAL_MS = 5 * 60_000;

it('an hour of twenty tenants: all fresh, the store written, the queue emptied, the same each time', {
  timeout: 30_000,
}, async () => {
  const play = () => playDay({ tenants: 20, instances: 2, hours: 1 });
  const hour = await play();
  expect([...hour.outcomes.keys()]).toEqual(['done']);
  expect(hour.outcomes.get('done')).toBeGreaterThanOrEqual(20 * 12);
  expect(hour.delays.length).toBeGreaterThan(10);
  // A change waits for the tenant's next minute, which is never the moment it happens.
  expect(Math.max(...hour.delays)).toBeGreaterThan(60_000);
  expect(Math.max(...hour.delays, ...hour.gaps)).toBeLessThan(2 * INTERVAL_MS);
  expect(hour.operations.blob.write).toBeGreaterThan(20 * 40);
  expect(hour.operations.queue.send - hour.operations.queue.delete).toBeLessThan(20);
  expect(await play()).toEqual(hour);
});

it('counts the calls of the busiest span, wherever it begins', () => {
  const calls = new Map([
    ['a', [0, 59_000, 61_000, 100_000, 118_999]],
    ['b', [0, 1, 2, 3, 4, 5]],
  ]);
  expect(mostWithin(60_000, ['a'], calls)).toBe(4);
  expect(mostWithin(60_000, ['a', 'b'], calls)).toBe(6);
  expect(mostWithin(60_000, ['c'], calls)).toBe(0);
});
