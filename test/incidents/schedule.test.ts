import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enqueueDue } from '../../shared/incidents/schedule.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createTicks } from '../../shared/ticks.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/tenant-with.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-03-01T08:00:00Z');
const silent = { info: () => {}, warn: () => {}, error: () => {} };

function tenants(count: number, intervalMinutes = 5): Tenant[] {
  return Array.from({ length: count }, (_, n) =>
    tenantWith({ intervalMinutes }, `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
  );
}

function rig(list: readonly Tenant[]) {
  const store = createMemoryStore({ now: () => START });
  const parts = { tenants: createConfiguredTenants(list), queue: store.queue, log: silent };
  return { store, tick: (lastMs: number | undefined, nowMs: number) => enqueueDue(parts, { lastMs, nowMs }) };
}

describe('the timer', () => {
  it('enqueues each tenant exactly once in each interval, however regular the ticks are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 150_000 }), { minLength: 20, maxLength: 40 }),
        async (gaps) => {
          const { tick } = rig(tenants(3));
          const seen = new Map<string, number>();
          let last = START;
          for (const gap of gaps) {
            for (const id of await tick(last, last + gap)) seen.set(id, (seen.get(id) ?? 0) + 1);
            last += gap;
          }
          const intervals = (last - START) / (5 * MINUTE);
          for (const { id } of tenants(3)) {
            // Never twice in an interval; a tick that spans several gives one message for all of them.
            expect(seen.get(id) ?? 0).toBeLessThanOrEqual(Math.ceil(intervals) + 1);
            expect(seen.get(id) ?? 0).toBeGreaterThanOrEqual(Math.floor(intervals));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('spreads a thousand tenants over the interval', async () => {
    const { tick } = rig(tenants(1_000));
    for (let minute = 0; minute < 5; minute++) {
      const due = await tick(START + minute * MINUTE, START + (minute + 1) * MINUTE);
      expect(due.length).toBeGreaterThan(150);
      expect(due.length).toBeLessThan(250);
    }
  });

  it('enqueues all of them at its first tick, and one message each after a night of silence', async () => {
    const { tick, store } = rig(tenants(4));
    expect(await tick(undefined, START)).toHaveLength(4);
    expect(await tick(START, START + 10 * 3_600_000)).toHaveLength(4);
    expect(store.messages).toHaveLength(8);
  });

  it('leaves disabled tenants alone, and lets a message live one interval', async () => {
    const [first, second] = tenants(2, 15);
    if (!first || !second) throw new Error('no tenants');
    const { tick, store } = rig([first, { ...second, enabled: false }]);
    expect(await tick(undefined, START)).toEqual([first.id]);
    expect(store.messages).toEqual([
      { text: JSON.stringify({ v: 1, tenant: first.id }), delaySeconds: 0, liveSeconds: 900 },
    ]);
  });

  it.each([
    ['the first of all', undefined],
    ['a later one', START - MINUTE],
  ])('sends what a tick owed that failed, be it %s, and that once', async (_which, lastMs) => {
    const { store } = rig([]);
    const parts = { tenants: createConfiguredTenants(tenants(30, 1_440)), queue: store.queue, log: silent };
    const tick = createTicks(enqueueDue);
    const hours = lastMs === undefined ? 0 : 12;
    const ticks = { lastMs, nowMs: START + hours * 60 * MINUTE };
    const { send } = store.queue;
    store.queue.send = () => Promise.reject(new Error('storage is away'));
    await expect(tick(parts, ticks)).rejects.toThrow('away');
    await expect(tick(parts, { lastMs: ticks.nowMs, nowMs: ticks.nowMs + MINUTE })).rejects.toThrow('away');
    store.queue.send = send;
    const owed = await enqueueDue({ ...parts, queue: rig([]).store.queue }, ticks);
    expect(owed.length).toBeGreaterThan(5);
    const now = ticks.nowMs + 2 * MINUTE;
    expect(await tick(parts, { lastMs: now - MINUTE, nowMs: now })).toEqual(
      expect.arrayContaining([...owed]),
    );
    expect(await tick(parts, { lastMs: now, nowMs: now })).toEqual([]);
  });

  /** Five minutes of ticks: each as late (or early) by the worker's clock as said, and noted by the host as it does. */
  async function dueIn(
    lateMs: readonly number[],
    ticks: () => typeof enqueueDue,
  ): Promise<Map<string, number>> {
    const { store } = rig([]);
    const parts = { tenants: createConfiguredTenants(tenants(1_000)), queue: store.queue, log: silent };
    const seen = new Map<string, number>();
    let lastMs = START;
    await ticks()(parts, { lastMs: START - MINUTE, nowMs: START });
    for (const [n, late] of lateMs.entries()) {
      const dueMs = START + (n + 1) * MINUTE;
      for (const id of await ticks()(parts, { lastMs, nowMs: dueMs + late }))
        seen.set(id, (seen.get(id) ?? 0) + 1);
      // When the trigger fired, and of one that fired early when it should have; before the worker began.
      lastMs = dueMs + Math.max(0, late - 400);
    }
    return seen;
  }

  it('misses nobody by a tick that comes early, and sends nobody two messages for one that comes late', async () => {
    for (const late of [
      [-500, -300, -500, -10, 0],
      [900, 3_000, 500, 900, 0],
    ]) {
      const one = createTicks(enqueueDue);
      const seen = await dueIn(late, () => one);
      expect(seen.size).toBe(1_000);
      expect(new Set(seen.values())).toEqual(new Set([1]));
    }
    // Each tick by another process.
    expect((await dueIn([-500, -300, -500, -10, 0], () => createTicks(enqueueDue))).size).toBe(1_000);
  });
});
