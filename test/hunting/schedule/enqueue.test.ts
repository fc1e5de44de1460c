import { describe, expect, it } from 'vitest';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { enqueueDueHunts } from '../../../shared/hunting/schedule/enqueue.ts';
import { readScheduledHunt, scheduledHuntMessage } from '../../../shared/hunting/schedule/message.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { createTicks } from '../../../shared/ticks.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { TENANT_ID, tenantWith } from '../../support/tenant-with.ts';
import { DAY, HOUR, MINUTE, QUERY } from './schedule-rig.ts';

const OTHER: Tenant = { ...tenantWith({}, '22222222-2222-4333-8444-555555555555'), name: 'Fabrikam' };
const OFF: Tenant = { ...tenantWith({}, '33333333-2222-4333-8444-555555555555'), enabled: false };
const NOW = Date.parse('2026-03-02T08:00:30Z');
const daily = { ...QUERY.schedule, every: { cron: '0 8 * * *' } };

function createTimer(queries: readonly HuntingQuery[]) {
  const store = createMemoryStore({ now: () => NOW });
  const dependencies = {
    tenants: { list: async () => [tenantWith(), OTHER, OFF], get: async () => undefined },
    queries: async () => queries,
    queue: store.queue,
    log: { info() {}, warn() {}, error() {} },
  };
  const sent = () => store.messages.map(({ text }) => readScheduledHunt(text));
  return { store, dependencies, sent };
}

describe('the timer of hunts', () => {
  it('sends a message for each due query and enabled tenant that it is for, which lives until it is due again', async () => {
    const { dependencies, sent, store } = createTimer([
      { ...QUERY, id: 'all', schedule: daily },
      { ...QUERY, id: 'named', schedule: daily, tenants: ['FABRIKAM'] },
      { ...QUERY, id: 'by-id', schedule: daily, tenants: [TENANT_ID.toUpperCase()] },
      { ...QUERY, id: 'off', schedule: daily, enabled: false },
      { ...QUERY, id: 'on-demand', schedule: undefined },
      { ...QUERY, id: 'later', schedule: { ...daily, every: { cron: '0 9 * * *' } } },
    ]);
    expect(await enqueueDueHunts(dependencies, { lastMs: NOW - MINUTE, nowMs: NOW })).toBe(4);
    const dueMs = NOW - 30_000;
    expect(sent()).toEqual([
      { tenant: TENANT_ID, queryId: 'all', dueMs },
      { tenant: OTHER.id, queryId: 'all', dueMs },
      { tenant: OTHER.id, queryId: 'named', dueMs },
      { tenant: TENANT_ID, queryId: 'by-id', dueMs },
    ]);
    for (const { delaySeconds, liveSeconds } of store.messages) {
      expect(delaySeconds).toBeLessThan(15 * 60);
      expect(liveSeconds).toBe(delaySeconds + DAY / 1_000);
    }
    expect(await enqueueDueHunts(dependencies, { lastMs: NOW, nowMs: NOW + MINUTE })).toBe(0);
  });

  it('sends in the next tick what a tick that failed owed, once', async () => {
    const { dependencies, store } = createTimer([{ ...QUERY, schedule: daily }]);
    const tick = createTicks(enqueueDueHunts);
    const away = { ...dependencies, queue: { send: () => Promise.reject(new Error('away')) } };
    await expect(tick(away, { lastMs: NOW - MINUTE, nowMs: NOW })).rejects.toThrow('away');
    await expect(tick(away, { lastMs: NOW, nowMs: NOW + MINUTE })).rejects.toThrow('away');
    expect(await tick(dependencies, { lastMs: NOW + MINUTE, nowMs: NOW + 2 * MINUTE })).toBe(2);
    expect(await tick(dependencies, { lastMs: NOW + 2 * MINUTE, nowMs: NOW + 3 * MINUTE })).toBe(0);
    expect(store.messages).toHaveLength(2);
    await expect(tick(away, { lastMs: undefined, nowMs: NOW + HOUR })).rejects.toThrow('away');
    expect(await tick(dependencies, { lastMs: NOW + HOUR, nowMs: NOW + HOUR + MINUTE })).toBe(2);
  });

  it('misses nothing where the host began a tick a moment early, and then said that it was in time', async () => {
    const { dependencies, sent } = createTimer([
      { ...QUERY, schedule: { ...daily, every: { cron: '30 0 8 * * *' } } },
    ]);
    const tick = createTicks(enqueueDueHunts);
    // Due at NOW itself, and the clock stands a moment before it.
    expect(await tick(dependencies, { lastMs: NOW - MINUTE, nowMs: NOW - 40 })).toBe(0);
    expect(await tick(dependencies, { lastMs: NOW, nowMs: NOW + MINUTE })).toBe(2);
    expect(sent().map((hunt) => hunt?.dueMs)).toEqual([NOW, NOW]);
    expect(await tick(dependencies, { lastMs: NOW + MINUTE, nowMs: NOW + 2 * MINUTE })).toBe(0);
  });
});

describe('the message of a scheduled hunt', () => {
  const hunt = { tenant: TENANT_ID, queryId: 'a#1', dueMs: 5 };

  it('says what is due, where and since when', () => {
    expect(readScheduledHunt(scheduledHuntMessage(hunt))).toEqual(hunt);
    expect(readScheduledHunt({ v: 1, ...hunt, tenant: TENANT_ID.toUpperCase() })).toEqual(hunt);
  });

  it.each([
    ['{'],
    ['null'],
    [{ ...hunt, v: 2 }],
    [{ v: 1, ...hunt, tenant: 'x' }],
    [{ v: 1, ...hunt, dueMs: '5' }],
    [{ v: 1, ...hunt, queryId: '' }],
  ])('is no message of ours: %j', (message) => {
    expect(readScheduledHunt(message)).toBeUndefined();
  });
});
