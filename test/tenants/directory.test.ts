import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { recordKey } from '../../shared/tenants/keys.ts';
import { any, CONFIGURED, createRegistryRig, guid, type RegistryRig } from './registry-rig.ts';

const MINUTE = 60_000;
const enabled = async (rig: Pick<RegistryRig, 'directory'>, n: number): Promise<boolean | undefined> =>
  (await rig.directory.get(guid(n)))?.enabled;

/** Storage refuses every read until this is called. */
function cutOff(rig: RegistryRig): () => void {
  const { range } = rig.store.table;
  rig.store.table.range = () => {
    throw new OutriderError('storage.unavailable', 'away');
  };
  return () => {
    rig.store.table.range = range;
  };
}

async function writeRow(rig: RegistryRig, n: number, change: (columns: object) => object): Promise<void> {
  const row = await rig.store.table.get('tenants', recordKey(guid(n)));
  const columns = change(row?.columns ?? {}) as Record<string, string | number>;
  await rig.store.table.transact('tenants', [{ op: 'put', key: recordKey(guid(n)), columns }]);
}

describe('the directory', () => {
  it('has the tenants of the settings and of the registry, the settings first', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { name: 'Fabrikam', groups: ['emea'], sync: { intervalMinutes: 15 } });
    await rig.register(2, { state: 'suspended' });
    const other = rig.instance();
    expect((await other.directory.list()).map(({ id }) => id)).toEqual([CONFIGURED.id, guid(1), guid(2)]);
    expect(await other.directory.get(guid(1).toUpperCase())).toMatchObject({
      name: 'Fabrikam',
      enabled: true,
      groups: ['emea'],
      generation: 1,
      sync: { intervalMinutes: 15, backfillDays: 30 },
    });
    expect(await enabled(other, 2)).toBe(false);
  });

  it('is read once for all who ask at once, and not again for half a minute', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const other = rig.instance();
    const before = rig.store.calls.range;
    await Promise.all(Array.from({ length: 100 }, () => other.directory.get(guid(1))));
    rig.clock.advance(29_999);
    await other.directory.get(guid(1));
    expect(rig.store.calls.range - before).toBe(1);
    rig.clock.advance(1);
    await Promise.all([other.directory.list(), other.directory.get(guid(1))]);
    expect(rig.store.calls.range - before).toBe(2);
  });

  it('asks for an unknown tenant anew, every three seconds at most, and names it to nobody', async () => {
    const rig = createRegistryRig();
    const other = rig.instance();
    expect(await other.directory.get(guid(1))).toBeUndefined();
    const before = rig.store.calls.range;
    for (let n = 0; n < 50; n++) await other.directory.get(guid(n));
    expect(rig.store.calls.range).toBe(before);
    await rig.register(1);
    rig.clock.advance(3_000);
    expect(await enabled(other, 1)).toBe(true);
    expect(rig.store.calls.get).toBe(1);
  });

  it('knows a suspension on every instance within a minute, and at once where it was made', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const other = rig.instance();
    expect(await enabled(other, 1)).toBe(true);
    rig.clock.advance(10_000);
    await rig.registry.change(guid(1), any, { state: 'suspended' }, rig.by);
    expect(await enabled(rig, 1)).toBe(false);
    rig.clock.advance(MINUTE / 2);
    expect(await enabled(other, 1)).toBe(false);
    await rig.registry.change(guid(1), any, { state: 'active' }, rig.by);
    expect((await other.directory.getFresh(guid(1)))?.enabled).toBe(false);
    rig.clock.advance(3_000);
    expect((await other.directory.getFresh(guid(1)))?.enabled).toBe(true);
  });

  it('goes on with its last list for five minutes without storage, then refuses the registry’s alone', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    await rig.register(2);
    expect(await enabled(rig, 1)).toBe(true);
    await rig.registry.change(guid(2), any, { state: 'suspended' }, rig.by);
    const back = cutOff(rig);
    for (let minute = 0; minute < 4; minute++) {
      rig.clock.advance(MINUTE);
      expect([await enabled(rig, 1), await enabled(rig, 2)]).toEqual([true, false]);
    }
    rig.clock.advance(MINUTE);
    await expect(rig.directory.get(guid(1))).rejects.toThrow('away');
    await expect(rig.directory.list()).rejects.toThrow('away');
    expect(await rig.directory.get(CONFIGURED.id)).toBe(CONFIGURED);
    expect(await rig.directory.problems()).toEqual(['away']);
    back();
    rig.clock.advance(5_000);
    expect([await enabled(rig, 1), await enabled(rig, 2)]).toEqual([true, false]);
  });

  it('asks a storage that is away every five seconds at most', async () => {
    const rig = createRegistryRig();
    let asked = 0;
    rig.store.table.range = () => {
      asked += 1;
      throw new OutriderError('storage.unavailable', 'away');
    };
    const ask = () => rig.directory.get(guid(1)).catch(() => 'refused');
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['refused', 'refused', 'refused']);
    await ask();
    expect(asked).toBe(1);
    rig.clock.advance(5_000);
    await ask();
    expect(asked).toBe(2);
  });

  it.each<readonly [string, (columns: object) => object, RegExp]>([
    ['another format', (columns) => ({ ...columns, v: 2 }), /format 2/],
    ['no JSON', (columns) => ({ ...columns, record: '{' }), /not as it should be/],
    [
      'another tenant',
      (columns) => ({
        ...columns,
        record: String((columns as { record: string }).record).replaceAll(guid(1), guid(7)),
      }),
      /names another tenant/,
    ],
    [
      'a state that there is not',
      (columns) => ({
        ...columns,
        record: (columns as { record: string }).record.replace('"suspended"', '"on"'),
      }),
      /state/,
    ],
    [
      'another cloud',
      (columns) => ({
        ...columns,
        record: (columns as { record: string }).record.replace('"global"', '"dod"'),
      }),
      /cloud "dod"/,
    ],
    [
      'a credential that this deployment cannot use',
      (columns) => ({
        ...columns,
        record: (columns as { record: string }).record.replace('"federated"', '"password"'),
      }),
      /credential/,
    ],
  ])('leaves out a record with %s, and says so', async (_what, change, words) => {
    const rig = createRegistryRig();
    await rig.register(1, { state: 'suspended' });
    await rig.register(2);
    await writeRow(rig, 1, change);
    rig.clock.advance(MINUTE);
    for (const { directory } of [rig, rig.instance()]) {
      expect((await directory.list()).map(({ id }) => id)).toEqual([CONFIGURED.id, guid(2)]);
      const problems = await directory.problems();
      expect(problems).toEqual([expect.stringMatching(words)]);
      expect(problems[0]).toContain(guid(1));
    }
  });

  it('reads and keeps what a later version wrote besides', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { state: 'suspended' });
    const later = {
      colour: 'blue',
      sync: { pace: 3 },
      credential: { kind: 'federated', clientId: guid(1), x: 1 },
    };
    await writeRow(rig, 1, (columns) => ({
      ...columns,
      more: 'x',
      record: JSON.stringify({ ...JSON.parse((columns as { record: string }).record), ...later }),
    }));
    await rig.registry.change(guid(1), any, { state: 'active' }, rig.by);
    const row = await rig.store.table.get('tenants', recordKey(guid(1)));
    expect(JSON.parse(String(row?.columns.record))).toMatchObject({ ...later, state: 'active' });
    expect(await enabled(rig.instance(), 1)).toBe(true);
  });

  it('says that settings hide a tenant that is registered as well', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { name: 'Registered' });
    const both = rig.instance({ configured: [{ ...CONFIGURED, id: guid(1) }] });
    expect((await both.directory.get(guid(1)))?.name).toBe(CONFIGURED.name);
    expect(await both.directory.list()).toHaveLength(1);
    expect(await both.directory.problems()).toEqual([expect.stringContaining(guid(1))]);
  });

  it('never lets a suspended tenant come back, whatever order reads, writes and failures have', async () => {
    const step = fc.constantFrom('suspend', 'resume', 'read', 'slow read', 'fail', 'wait', 'wait long');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(1)), { maxLength: 25 }), async (steps) => {
        const rig = createRegistryRig();
        await rig.register(1);
        const both = [rig, rig.instance()];
        const { range } = rig.store.table;
        /** As stored, with the time of the last change. */
        let now = { state: 'active', sinceMs: rig.clock.now() };
        const failedMs = [0, 0];
        const waiting: (() => void)[] = [];
        const pending: Promise<unknown>[] = [];
        const endReads = async (): Promise<void> => {
          for (const resolve of waiting.splice(0)) resolve();
          await Promise.all(pending.splice(0));
        };
        for (const [what, who] of steps) {
          const one = both[who] ?? rig;
          if (what === 'suspend' || what === 'resume') {
            const state = what === 'suspend' ? 'suspended' : 'active';
            await one.registry.change(guid(1), any, { state }, rig.by);
            if (now.state !== state) now = { state, sinceMs: rig.clock.now() };
            await endReads();
            const seen = await enabled(one, 1).catch(() => false);
            if (state === 'suspended') expect(seen).toBe(false);
          } else if (what === 'slow read') {
            // Reads what is there now, and brings it later, when something else may have been written.
            rig.store.table.range = async function* (...asked) {
              const pages = [];
              for await (const page of range(...asked)) pages.push(page);
              await new Promise<void>((resolve) => waiting.push(resolve));
              yield* pages;
            };
            rig.clock.advance(MINUTE / 2);
            pending.push(one.directory.get(guid(1)).catch(() => undefined));
            await new Promise(setImmediate);
            rig.store.table.range = range;
          } else if (what === 'fail') {
            await endReads();
            rig.store.table.range = () => {
              throw new OutriderError('storage.unavailable', 'away');
            };
            rig.clock.advance(MINUTE / 2);
            await one.directory.get(guid(1)).catch(() => undefined);
            rig.store.table.range = range;
            failedMs[who] = rig.clock.now();
          } else {
            await endReads();
            rig.clock.advance({ read: 0, wait: 20_000, 'wait long': MINUTE }[what] ?? 0);
            const seen = await enabled(one, 1).catch(() => false);
            const reads = rig.clock.now() - (failedMs[who] ?? 0) >= 5_000;
            const known = reads && rig.clock.now() - now.sinceMs >= MINUTE;
            if (known && now.state === 'suspended') expect(seen).toBe(false);
          }
        }
        await endReads();
        rig.clock.advance(MINUTE);
        for (const one of both) expect(await enabled(one, 1)).toBe(now.state === 'active');
      }),
      { numRuns: 150 },
    );
  });
});
