import { describe, expect, it } from 'vitest';
import { isOutriderError } from '../../../shared/errors.ts';
import { HUNTING_QUOTA, type QuotaState } from '../../../shared/hunting/quota/grants.ts';
import type { Quota } from '../../../shared/hunting/quota/quota.ts';
import { createQuota } from '../../../shared/hunting/quota/stored-quota.ts';
import type { RunOrigin } from '../../../shared/hunting/run/types.ts';
import { createJumpingClock } from '../../support/jumping-clock.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const MINUTE = 60_000;

function instances(count: number) {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed / 0x80000000;
  };
  const clock = createJumpingClock({ random });
  const store = createMemoryStore({ now: clock.now });
  const quotas = Array.from({ length: count }, (_, n) =>
    createQuota({ table: store.table, clock, holder: `instance-${n}` }),
  );
  const operations = () => store.calls.get + store.calls.transact;
  return { clock, store, quotas, operations };
}

/** The most calls that any span of a minute holds. */
function densest(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(0, ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + MINUTE).length));
}

/** Calls of all slices that count now. */
async function granted({ store }: ReturnType<typeof instances>): Promise<number> {
  const row = await store.table.get(TENANT, 'q');
  const { grants } = JSON.parse(String(row?.columns.state)) as QuotaState;
  return grants.reduce((sum, { calls }) => sum + calls, 0);
}

/** Calls one after the other, each lasting `ms`, until `untilMs`; gives the times at which they were sent. */
async function callUntil(
  { clock }: ReturnType<typeof instances>,
  quota: Quota,
  { origin, ms, untilMs }: { readonly origin: RunOrigin; readonly ms: number; readonly untilMs: number },
): Promise<number[]> {
  const sent: number[] = [];
  while (clock.now() < untilMs) {
    await quota.take({ tenant: TENANT, origin, maxWaitMs: 10 * MINUTE });
    sent.push(clock.now());
    await clock.sleep(ms);
  }
  return sent;
}

describe('the quota of hunting calls', () => {
  it('holds for ten instances together, uses most of it, and costs few storage operations', async () => {
    const scene = instances(10);
    const untilMs = scene.clock.now() + 10 * MINUTE;
    const sent = await scene.clock.run(
      Promise.all(
        scene.quotas.flatMap((quota) => [
          callUntil(scene, quota, { origin: 'scheduled', ms: 900, untilMs }),
          callUntil(scene, quota, { origin: 'adhoc', ms: 2_000, untilMs }),
        ]),
      ),
    );
    const times = sent.flat();
    expect(densest(times)).toBeLessThanOrEqual(HUNTING_QUOTA.calls);
    expect(times.length).toBeGreaterThan(10 * HUNTING_QUOTA.calls * 0.7);
    expect(scene.operations() / times.length).toBeLessThan(6);
  });

  it('costs about one operation for a call where one instance makes many', async () => {
    const scene = instances(1);
    const [quota] = scene.quotas;
    if (!quota) throw new Error('no instance');
    const untilMs = scene.clock.now() + 5 * MINUTE;
    const times = await scene.clock.run(callUntil(scene, quota, { origin: 'adhoc', ms: 300, untilMs }));
    expect(densest(times)).toBeLessThanOrEqual(HUNTING_QUOTA.calls);
    expect(times.length).toBeGreaterThan(5 * HUNTING_QUOTA.calls * 0.8);
    expect(scene.operations() / times.length).toBeLessThan(1.3);
  });

  it('lets ad-hoc calls go while scheduled ones wait', async () => {
    const scene = instances(2);
    const [busy, other] = scene.quotas;
    if (!busy || !other) throw new Error('no instances');
    const began = scene.clock.now();
    const flood = Array.from({ length: 60 }, async () => {
      await busy.take({ tenant: TENANT, origin: 'scheduled', maxWaitMs: 10 * MINUTE });
      return scene.clock.now() - began;
    });
    const adhoc = Array.from({ length: 10 }, async (_, n) => {
      await scene.clock.sleep(1_000 + n * 100);
      await (n % 2 ? busy : other).take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: MINUTE });
      return scene.clock.now() - began;
    });
    const [scheduledAt, adhocAt] = await scene.clock.run(
      Promise.all([Promise.all(flood), Promise.all(adhoc)]),
    );
    expect(Math.max(...adhocAt)).toBeLessThan(5_000);
    expect(scheduledAt.filter((at) => at < 5_000)).toHaveLength(HUNTING_QUOTA.calls - HUNTING_QUOTA.reserved);
    expect(densest([...scheduledAt, ...adhocAt])).toBeLessThanOrEqual(HUNTING_QUOTA.calls);
  });

  it('says how long to wait instead of waiting longer than the caller wants', async () => {
    const scene = instances(1);
    const [quota] = scene.quotas;
    const take = (maxWaitMs: number) => quota?.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs });
    await scene.clock.run(Promise.all(Array.from({ length: HUNTING_QUOTA.calls }, () => take(0))));
    const error: unknown = await scene.clock.run(Promise.resolve(take(20_000)).catch((e: unknown) => e));
    if (!isOutriderError(error, 'hunt.call_quota')) throw error;
    expect(error.facts.retryAfterMs).toBeGreaterThan(55_000);
    expect(error.facts.retryAfterMs).toBeLessThan(75_000);
    scene.clock.advance(error.facts.retryAfterMs ?? 0);
    await scene.clock.run(Promise.resolve(take(0)));
  });

  it('parks a tenant for all instances, and no other tenant', async () => {
    const scene = instances(3);
    const [first, second, third] = scene.quotas;
    if (!first || !second || !third) throw new Error('no instances');
    const take = (quota: Quota, tenant: string, maxWaitMs = 0) =>
      quota.take({ tenant, origin: 'adhoc', maxWaitMs });
    // The second slice is of two calls, of which one is left.
    for (const maxWaitMs of [0, 0]) await scene.clock.run(take(first, TENANT, maxWaitMs));
    const untilMs = scene.clock.now() + 14 * MINUTE;
    await first.park(TENANT, 'cpu', untilMs);
    await first.park(TENANT, 'calls', untilMs - MINUTE);
    for (const quota of [first, second, third]) {
      await expect(scene.clock.run(take(quota, TENANT))).rejects.toMatchObject({ code: 'hunt.cpu_quota' });
      await scene.clock.run(take(quota, OTHER));
    }
    await scene.clock.run(take(second, TENANT, 15 * MINUTE));
    expect(scene.clock.now()).toBeGreaterThanOrEqual(untilMs);
    expect(scene.clock.now()).toBeLessThan(untilMs + 5_000);
  });

  it('survives instances that die with a slice in hand', async () => {
    const scene = instances(30);
    for (const quota of scene.quotas.slice(0, 29)) {
      await scene.clock.run(quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 5 * MINUTE }));
    }
    const last = scene.quotas[29];
    const times: number[] = [];
    for (let n = 0; n < HUNTING_QUOTA.calls; n += 1) {
      await scene.clock.run(
        Promise.resolve(last?.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 5 * MINUTE })),
      );
      times.push(scene.clock.now());
    }
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(2 * MINUTE);
  });

  it('leaves when its signal aborts, and lets the next one have the turn', async () => {
    const scene = instances(1);
    const [quota] = scene.quotas;
    if (!quota) throw new Error('no instance');
    await scene.clock.run(
      Promise.all(
        Array.from({ length: HUNTING_QUOTA.calls }, () =>
          quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 0 }),
        ),
      ),
    );
    const stop = new AbortController();
    const leaving = quota.take({
      tenant: TENANT,
      origin: 'adhoc',
      maxWaitMs: 5 * MINUTE,
      signal: stop.signal,
    });
    const staying = quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 5 * MINUTE });
    stop.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    await scene.clock.run(staying);
  });

  it('tells everybody who waits when storage fails, and recovers', async () => {
    const scene = instances(1);
    let broken = true;
    const table = {
      ...scene.store.table,
      get: async (partition: string, key: string) => {
        if (broken) throw new Error('storage is away');
        return scene.store.table.get(partition, key);
      },
    };
    const quota = createQuota({ table, clock: scene.clock });
    const turns = [1, 2].map(() => quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 0 }));
    for (const turn of turns) await expect(turn).rejects.toThrow('storage is away');
    broken = false;
    await scene.clock.run(quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 0 }));
  });

  it('serves a call that is asked for in the same moment in which the one before is given', async () => {
    const scene = instances(1);
    const [quota] = scene.quotas;
    if (!quota) throw new Error('no instance');
    const take = () => quota.take({ tenant: TENANT, origin: 'scheduled', maxWaitMs: 0 });
    let given = 0;
    const inTurn = async (): Promise<void> => {
      for (; given < 10; given += 1) await take();
    };
    await scene.clock.run(inTurn());
    expect(given).toBe(10);
  });

  it('hands in no call that is used while it is handed in', async () => {
    const scene = instances(1);
    const writing = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let isHeld = false;
    const table = {
      ...scene.store.table,
      async transact(...write: Parameters<typeof scene.store.table.transact>) {
        if (isHeld) {
          writing.resolve();
          await goOn.promise;
        }
        return scene.store.table.transact(...write);
      },
    };
    const quota = createQuota({ table, clock: scene.clock });
    const take = (origin: RunOrigin, signal?: AbortSignal) =>
      quota.take({ tenant: TENANT, origin, maxWaitMs: 0, signal });
    // Two calls at once, then a slice for four: three of them are left.
    for (const calls of [2, 1]) {
      await scene.clock.run(Promise.all(Array.from({ length: calls }, () => take('adhoc'))));
    }
    isHeld = true;
    const stop = new AbortController();
    const leaving = take('scheduled', stop.signal);
    await writing.promise;
    stop.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    const used = take('adhoc');
    isHeld = false;
    goOn.resolve();
    await scene.clock.run(used);
    await scene.clock.run(take('scheduled'));
    expect(await granted(scene)).toBeGreaterThanOrEqual(5);
  });

  it('uses no call of a slice that was handed in by a write whose answer was lost', async () => {
    const scene = instances(1);
    let isLost = false;
    const table = {
      ...scene.store.table,
      async transact(...write: Parameters<typeof scene.store.table.transact>) {
        const etag = await scene.store.table.transact(...write);
        if (isLost) throw new Error('the answer was lost');
        return etag;
      },
    };
    const quota = createQuota({ table, clock: scene.clock });
    const take = (origin: RunOrigin) => quota.take({ tenant: TENANT, origin, maxWaitMs: 0 });
    for (const calls of [2, 1]) {
      await scene.clock.run(Promise.all(Array.from({ length: calls }, () => take('adhoc'))));
    }
    isLost = true;
    await expect(take('scheduled')).rejects.toThrow('the answer was lost');
    isLost = false;
    for (const _ of [1, 2, 3]) await scene.clock.run(take('adhoc'));
    expect(await granted(scene)).toBeGreaterThanOrEqual(6);
  });
});
