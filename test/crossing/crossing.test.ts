import { expect, it } from 'vitest';
import { playCrossing } from './play.ts';

it('never mixes up 100 tenants, 64 of them synced at once', { timeout: 120_000 }, async () => {
  const { counts, crossings, troubles, midLife, inspected } = await playCrossing({
    tenants: 100,
    rounds: 77,
    seed: 5,
  });

  expect(crossings).toEqual([]);
  expect(troubles).toEqual([]);
  expect(counts.calls).toBeGreaterThanOrEqual(20_000);
  expect(counts.runsAtOnce).toBe(64);
  expect(counts.callsAtOnce).toBeGreaterThan(40);

  // Everything that has ever mixed up tenants elsewhere did happen here, many times.
  expect(counts.firstSignIns).toBe(100);
  expect(counts.refreshes).toBeGreaterThan(300);
  expect(counts.evictions).toBeGreaterThan(300);
  expect(counts.renewals).toBeGreaterThan(100);
  expect(counts.retriedAfter429).toBeGreaterThan(200);
  expect(counts.retriedAfter429).toBe(counts.throttled);
  expect(counts.retriedAfter401).toBeGreaterThan(100);
  expect(counts.retriedAfter401).toBe(counts.refused);
  expect(counts.linksFollowed).toBeGreaterThan(20);
  expect(counts.foreignListings).toBeGreaterThan(1_000);
  expect(counts.foreignListingRows).toBeGreaterThan(1_000);

  // And what was looked through is all there.
  expect(inspected).toMatchObject({ missing: [] });
  expect(inspected?.rows).toBeGreaterThan(5_000);
  expect(inspected?.feedRows).toBeGreaterThan(1_000);
  expect(midLife?.seen).toBeGreaterThan(200);
  expect(inspected?.blobs).toBeGreaterThan(2_000);
});
