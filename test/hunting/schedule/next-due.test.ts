import { expect, it } from 'vitest';
import type { HuntingQuery, QuerySchedule } from '../../../shared/hunting/query.ts';
import { createDue } from '../../../shared/hunting/schedule/due.ts';
import { nextDue } from '../../../shared/hunting/schedule/next-due.ts';

const TICK = 30_000;
const NOW = Date.parse('2026-03-28T12:00:00Z');
const TENANT = { id: '11111111-2222-4333-8444-555555555555', name: 'Fabrikam', enabled: true };

function query(every: QuerySchedule['every'], more: Partial<HuntingQuery> = {}): HuntingQuery {
  const schedule = {
    every,
    timeZone: 'Europe/Berlin',
    lookbackMinutes: 60,
    learnSilently: false,
    endsAfterDays: 30,
  };
  return { id: 'q', enabled: true, schedule, ...more } as HuntingQuery;
}

it.each([{ minutes: 90 }, { minutes: 1_440 }, { cron: '30 2 * * *' }, { cron: '0 8 * * 1-5' }])(
  'what is said to be next is what the timer finds next: %j',
  (every) => {
    const asked = query(every);
    const next = nextDue(asked, TENANT, NOW);
    let found: number | undefined;
    for (let lastMs = NOW; found === undefined; lastMs += TICK) {
      found = createDue(
        { id: 'q', schedule: { ...asked.schedule, every } as QuerySchedule },
        { lastMs, nowMs: lastMs + TICK },
      )(TENANT.id)?.dueMs;
    }
    expect(next).toBe(found);
    expect(next).toBeGreaterThan(NOW);
  },
);

it('is nothing where a query does not run', () => {
  const every = { minutes: 60 };
  expect(nextDue(query(every, { enabled: false }), TENANT, NOW)).toBeUndefined();
  expect(nextDue(query(every, { tenants: ['Northwind'] }), TENANT, NOW)).toBeUndefined();
  expect(nextDue(query(every), { ...TENANT, enabled: false }, NOW)).toBeUndefined();
  expect(nextDue(query(every, { tenants: ['fabrikam'] }), TENANT, NOW)).toBeDefined();
});
