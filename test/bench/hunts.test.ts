import { expect, it } from 'vitest';
import { ASKED, playHunts } from '../../bench/day/play-hunts.ts';
import { operationsIn } from '../../bench/day/storage-figures.ts';
import { mostWithin } from '../../bench/day/upstream.ts';
import { createLibrarySource } from '../../shared/hunting/library/shipped-library.ts';
import { HUNTING_QUOTA } from '../../shared/hunting/quota/grants.ts';
import type { PreparedQuery } from '../../shared/hunting/schedule/prepare.ts';

const MINUTE_MS = 60_000;
/** What this test is not about. */
const check: PreparedQuery['check'] = {
  diagnostics: [],
  columns: [],
  columnsComplete: true,
  tables: [],
  slicing: { possible: false, reason: 'not checked' },
  clockCalls: [],
};

it('an hour of twelve tenants with six queries: each done in its period, whoever hunts meanwhile, the same each time', {
  timeout: 30_000,
}, async () => {
  const { queries } = await createLibrarySource({ now: () => new Date() }).load();
  const hourly = queries.filter(
    ({ schedule }) => schedule && 'minutes' in schedule.every && schedule.every.minutes <= 60,
  );
  const six = hourly.slice(0, 6);
  const prepare = async ({ text }: { readonly text: string }) => ({ text, check });
  const play = () => playHunts({ tenants: 12, queries: six, prepare, instances: 2, hours: 1 });
  const hour = await play();
  // All are due at the start and, at their own minutes, within the hour.
  expect(hour.delays.length).toBeGreaterThanOrEqual(12 * 6 * 2 - 12);
  expect(Math.max(...hour.delays.map(({ ms }) => ms))).toBeLessThan(20 * MINUTE_MS);
  expect(hour.delays.filter(({ done }) => done).length).toBeGreaterThan(12 * 6);
  expect([...hour.outcomes.keys()]).not.toContain('thrown');
  // The analysts' runs take all the quota there is, and nothing takes more.
  expect(mostWithin(MINUTE_MS, [...hour.calls.keys()], hour.calls)).toBe(HUNTING_QUOTA.calls);
  const runs = hour.outcomes.get('succeeded') ?? 0;
  expect(runs).toBeGreaterThanOrEqual(12 * 6 + ASKED.runs);
  expect([...hour.calls.values()].flat().length).toBe(runs);
  expect(operationsIn(hour.operations) / runs).toBeGreaterThan(5);
  const again = await play();
  expect({ ...again, delays: again.delays.length }).toEqual({ ...hour, delays: hour.delays.length });
});
