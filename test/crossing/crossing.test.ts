import { expect, it } from 'vitest';
import { LIGHT_PLAY, playCrossing, WHOLE_PLAY } from './play.ts';

const isWhole = Boolean(process.env.CI);
const play = isWhole ? WHOLE_PLAY : LIGHT_PLAY;
const withinMs = isWhole ? 900_000 : 120_000;

it('never mixes up 100 tenants and their people, 64 at work at once', { timeout: withinMs }, async () => {
  const { counts, crossings, troubles, midLife, inspected } = await playCrossing(play);
  const least = (light: number, whole: number): number => (isWhole ? whole : light);

  expect(crossings).toEqual([]);
  expect(troubles).toEqual([]);
  expect(counts.givenUp).toBeLessThan(counts.calls / 1_000);
  expect(counts.calls).toBeGreaterThanOrEqual(least(5_500, 50_000));
  expect(counts.workAtOnce).toBe(64);
  expect(counts.callsAtOnce).toBeGreaterThan(60);
  // Both kinds of tokens, mixed.
  expect(counts.personCalls).toBeGreaterThan(counts.calls / 3);
  expect(counts.personCalls).toBeLessThan((counts.calls * 3) / 4);

  // Everything that has ever mixed up tenants elsewhere did happen here, many times.
  expect(counts.firstSignIns).toBe(100);
  expect(counts.refreshes).toBeGreaterThan(least(100, 700));
  expect(counts.evictions).toBeGreaterThan(least(40, 300));
  expect(counts.renewals).toBeGreaterThan(least(10, 120));
  expect(counts.firstExchanges).toBeGreaterThan(least(250, 2_000));
  expect(counts.evictedExchanges).toBeGreaterThan(least(40, 800));
  expect(counts.renewedExchanges).toBeGreaterThan(least(15, 250));
  expect(counts.challengesAnswered).toBeGreaterThan(least(15, 250));
  expect(counts.expiredExchanges).toBeGreaterThan(least(0, 100));
  expect(counts.stepUps).toBeGreaterThan(least(25, 300));
  expect(counts.cameTooLate).toBeGreaterThan(least(0, 300));
  expect(counts.retriedAfter429).toBeGreaterThan(least(20, 200));
  expect(counts.retriedAfter429).toBe(counts.answered429);
  expect(counts.retriedAfter503).toBeGreaterThan(least(12, 180));
  expect(counts.retriedAfter503).toBe(counts.answered503);
  expect(counts.retriedAfter401).toBeGreaterThan(least(50, 600));
  // But by those who were to step up meanwhile.
  expect(counts.answered401 - counts.retriedAfter401).toBeLessThan(counts.stepUps / 5);
  expect(counts.slow).toBeGreaterThan(least(60, 600));
  expect(counts.tooSlow).toBeGreaterThan(0);
  expect(counts.linksFollowed).toBeGreaterThan(least(0, 12));
  expect(counts.foreignListings).toBeGreaterThan(least(150, 1_000));
  expect(counts.foreignListingRows).toBeGreaterThan(least(400, 2_500));

  // And what was looked through is all there.
  expect(counts.huntRows).toBeGreaterThan(least(2_000, 20_000));
  expect(counts.updates).toBeGreaterThan(least(150, 2_000));
  expect(counts.messages).toBeGreaterThan(least(100, 1_000));
  expect(inspected).toMatchObject({ missing: [] });
  expect(inspected?.rows).toBeGreaterThan(least(2_000, 5_000));
  expect(inspected?.feedRows).toBeGreaterThan(least(300, 1_000));
  expect(inspected?.comments).toBeGreaterThan(least(30, 500));
  expect(midLife?.seen).toBeGreaterThan(least(80, 200));
  expect(inspected?.blobs).toBeGreaterThan(least(800, 2_000));
});
