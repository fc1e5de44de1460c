import { describe, expect, test } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { chooseTenants } from '../../../shared/hunting/ask/choose-tenants.ts';
import { newGroupId } from '../../../shared/hunting/ask/hunt-group.ts';
import { lastRunsIn, lastRunsOf } from '../../../shared/hunting/ask/last-runs.ts';
import { pruneHunts } from '../../../shared/hunting/ask/prune-hunts.ts';
import { readRowsPage } from '../../../shared/hunting/ask/rows-page.ts';
import { startHunts } from '../../../shared/hunting/ask/start-hunts.ts';
import { readGroup } from '../../../shared/hunting/ask/stored-group.ts';
import { waitForRuns } from '../../../shared/hunting/ask/wait-for-runs.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { createHuntRig, REQUEST, TENANT } from '../run/hunt-rig.ts';

const OTHER = '22222222-2222-4222-8222-222222222222';
const body = (rows: readonly string[]) =>
  `{"schema":[{"name":"A","type":"String"}],"results":[${rows.join(',')}]}`;
const ROWS = Array.from({ length: 10 }, (_, n) => `{"A":"${String(n).repeat(100)}"}`);

async function tenantOf(rig: ReturnType<typeof createHuntRig>, over: Partial<Tenant> = {}): Promise<Tenant> {
  const found = await rig.direct.tenants.get(TENANT);
  if (!found) throw new Error('no tenant');
  return { ...found, ...over };
}

describe('waiting for runs', () => {
  test('ends when all have ended', async () => {
    const rig = createHuntRig(() => ({ body: body(ROWS) }));
    const { id } = await rig.request();
    await rig.settle();
    const before = rig.clock.now();
    const runs = await rig.clock.run(waitForRuns(rig.direct, [{ tenant: TENANT, run: id }], 20_000));
    expect(runs.get(id)?.state).toBe('succeeded');
    expect(rig.clock.now()).toBe(before);
  });

  test('ends when the time is over, having looked a few dozen times', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const { id } = await rig.request();
    const [before, gets] = [rig.clock.now(), rig.store.calls.get];
    const runs = await rig.clock.run(waitForRuns(rig.direct, [{ tenant: TENANT, run: id }], 20_000));
    expect(runs.get(id)?.state).toBe('queued');
    expect(rig.clock.now() - before).toBe(20_000);
    expect(rig.store.calls.get - gets).toBeLessThan(30);
  });

  test('looks once when there is no time, and not again for what is not there', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const { id } = await rig.request();
    const gone = { tenant: TENANT, run: `${TENANT}_${'0'.repeat(25)}` };
    const runs = await waitForRuns(rig.direct, [{ tenant: TENANT, run: id }, gone], 0);
    expect([...runs.keys()]).toEqual([id]);
    expect(await rig.clock.run(waitForRuns(rig.direct, [gone], 20_000))).toEqual(new Map());
  });
});

describe('a page of rows', () => {
  test('ends with the row that makes it too long, and says where the next begins', async () => {
    const rig = createHuntRig(() => ({ body: body(ROWS) }));
    const { id } = await rig.request();
    await rig.settle();
    const run = await rig.run(id);
    if (!run) throw new Error('no run');
    const seen: string[] = [];
    const froms: number[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const page = await readRowsPage(rig.direct, run, { from, mostChars: 250 });
      seen.push(...page.rows);
      froms.push(page.from);
      from = page.next;
    }
    expect(seen).toEqual(ROWS);
    expect(froms).toEqual([0, 3, 6, 9]);
    expect(await readRowsPage(rig.direct, run, { from: 4, count: 2, mostChars: 9_999 })).toEqual({
      rows: ROWS.slice(4, 6),
      from: 4,
      next: 6,
    });
    expect(await readRowsPage(rig.direct, run, { from: 99, mostChars: 9 })).toMatchObject({
      rows: [],
      next: undefined,
    });
  });
});

describe('a hunt across tenants', () => {
  test('is told for each tenant, and found again by its id', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const off = await tenantOf(rig, { id: OTHER, name: 'Fabrikam', enabled: false });
    const group = await startHunts(rig.direct, [await tenantOf(rig), off], REQUEST);
    expect(group.entries).toEqual([
      { tenant: TENANT, run: expect.stringContaining(TENANT) },
      {
        tenant: OTHER,
        failure: { code: 'tenant.disabled', text: expect.stringMatching(/Fabrikam.*Resume it/) },
      },
    ]);
    expect(await readGroup(rig.store.blobs, group.id)).toEqual(group);
    expect((await rig.run((group.entries[0] as { run: string }).run))?.group).toBe(group.id);
  });

  test('that no tenant can have is an error', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const tenants = [await tenantOf(rig), await tenantOf(rig, { id: OTHER })];
    await expect(startHunts(rig.direct, tenants, { ...REQUEST, timespan: 'P31D' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    expect(rig.store.messages).toEqual([]);
    expect(rig.store.blobNames()).toEqual([]);
  });

  test('under a key is the same runs again; the key of another caller is another group', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const hunt = { ...REQUEST, idempotencyKey: 'k' };
    const first = await startHunts(rig.direct, [await tenantOf(rig)], hunt);
    rig.clock.advance(5_000);
    const second = await startHunts(rig.direct, [await tenantOf(rig)], hunt);
    expect([second.id, second.entries]).toEqual([first.id, first.entries]);
    expect(newGroupId('another', 'k')).not.toBe(first.id);
    await expect(
      startHunts(rig.direct, [await tenantOf(rig)], { ...hunt, text: 'print 2' }),
    ).rejects.toMatchObject({ code: 'hunt.key_reused' });
  });

  test('under a used key another hunt is refused, whole, and the group of the first stays', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const hunt = { ...REQUEST, idempotencyKey: 'k' };
    const [one, other] = [await tenantOf(rig), await tenantOf(rig, { id: OTHER })];
    const first = await startHunts(rig.direct, [one], hunt);
    const sent = rig.store.messages.length;
    for (const [tenants, another] of [
      [[other], hunt],
      [[one, other], hunt],
      [[other], { ...hunt, text: 'print 2' }],
      [[one, other], { ...hunt, text: 'print 2' }],
    ] as const) {
      await expect(startHunts(rig.direct, tenants, another)).rejects.toMatchObject({
        code: 'hunt.key_reused',
      });
    }
    expect(rig.store.messages).toHaveLength(sent);
    expect((await readGroup(rig.store.blobs, first.id))?.entries).toEqual(first.entries);
  });

  test('in all tenants, asked for again under its key, has those that came meanwhile, and loses none', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const hunt = { ...REQUEST, idempotencyKey: 'k' };
    const [one, other] = [await tenantOf(rig), await tenantOf(rig, { id: OTHER })];
    const first = await startHunts(rig.direct, [one], hunt, 'all');
    const again = await startHunts(rig.direct, [other, one], hunt, 'all');
    expect(again.entries).toHaveLength(2);
    expect(again.entries).toContainEqual(first.entries[0]);
    // One that the asker may not see any more is not in the answer.
    expect((await startHunts(rig.direct, [other], hunt, 'all')).entries).toEqual([again.entries[0]]);
    expect((await readGroup(rig.store.blobs, first.id))?.entries).toEqual(again.entries);
    await expect(startHunts(rig.direct, [one, other], hunt)).rejects.toMatchObject({
      code: 'hunt.key_reused',
    });
  });

  test.each(['', 'x', '../../secret', 'A'.repeat(32), `${'0'.repeat(32)}/x`])(
    'is not read by the id %j',
    async (id) => {
      const rig = createHuntRig(() => ({ body: body([]) }));
      expect(await readGroup(rig.store.blobs, id)).toBeUndefined();
      expect(rig.store.calls.blobGet).toBe(0);
    },
  );
});

test('tenants are chosen by id or name, each once, and every unknown one is named', async () => {
  const rig = createHuntRig(() => ({ body: body([]) }));
  const [one, two] = [await tenantOf(rig), await tenantOf(rig, { id: OTHER, name: 'Fabrikam' })];
  expect(chooseTenants([one, two], undefined)).toEqual([one, two]);
  expect(chooseTenants([one, two], ['fabrikam', OTHER.toUpperCase(), 'Contoso'])).toEqual([two, one]);
  expect(() => chooseTenants([one, two], ['Fabrikan', 'x', OTHER])).toThrow(
    /no tenant "Fabrikan"; did you mean Fabrikam\? tenants: there is no tenant "x"\./,
  );
  expect(() => chooseTenants([one, { ...two, name: 'CONTOSO' }], ['contoso'])).toThrow(/2 tenants are named/);
});

test('the last run of a query is the newest, among the newest 500 of a tenant', async () => {
  const rig = createHuntRig(() => ({ body: body([]) }));
  const ask = async (query: string): Promise<string> => {
    rig.clock.advance(1_000);
    return (await rig.request({ query: { id: query } })).id;
  };
  await ask('a');
  const [a, b] = [await ask('a'), await ask('b')];
  const last = async (query: string) =>
    (await lastRunsOf(rig.direct, query, [TENANT, OTHER])).map(({ id }) => id);
  expect([await last('a'), await last('b'), await last('c')]).toEqual([[a], [b], []]);
  expect([...(await lastRunsIn(rig.direct, TENANT)).values()].map(({ id }) => id)).toEqual([b, a]);
  for (let n = 0; n < 499; n++) await rig.request();
  expect([await last('b'), await last('a')]).toEqual([[b], []]);
});

describe('what is older than a tenant keeps', () => {
  const DAY_MS = 86_400_000;
  const log = { info: () => {}, warn: () => {}, error: () => {} };

  /** A run and its group, of 91 days ago, and both of today. */
  async function rigWithOldRuns() {
    const rig = createHuntRig(() => ({ body: body(ROWS) }));
    const ask = async () => {
      const group = await startHunts(rig.direct, [await tenantOf(rig)], REQUEST);
      await rig.settle();
      return { group: group.id, run: (group.entries[0] as { run: string }).run };
    };
    const old = await ask();
    rig.clock.advance(91 * DAY_MS);
    const fresh = await ask();
    const left = async () => ({
      runs: [await rig.run(old.run), await rig.run(fresh.run)].map((run) => run !== undefined),
      groups: [
        await readGroup(rig.store.blobs, old.group),
        await readGroup(rig.store.blobs, fresh.group),
      ].map((group) => group !== undefined),
    });
    return { rig, left };
  }

  const endUnscheduled = async () => {};

  test('is deleted, and nothing else', async () => {
    const { rig, left } = await rigWithOldRuns();
    await pruneHunts({ ...rig.direct, log, endUnscheduled }, [await tenantOf(rig)]);
    expect(await left()).toEqual({ runs: [false, true], groups: [false, true] });
  });

  test('stays under a legal hold', async () => {
    const { rig, left } = await rigWithOldRuns();
    const tenant = await tenantOf(rig);
    await pruneHunts({ ...rig.direct, log, endUnscheduled }, [
      { ...tenant, sync: { ...tenant.sync, legalHold: true } },
    ]);
    expect(await left()).toEqual({ runs: [true, true], groups: [true, true] });
  });

  test('is deleted in every other tenant, too, when one has something that cannot be read, which is said', async () => {
    const { rig, left } = await rigWithOldRuns();
    const other = await tenantOf(rig, { id: OTHER });
    const unreadable = async ({ id }: { readonly id: string }): Promise<void> => {
      if (id === OTHER) throw new OutriderError('storage.unreadable', 'a row of a later version');
    };
    const isFirst = Math.floor(rig.clock.now() / 3_600_000) % 2 === 0;
    const tenants = isFirst ? [other, await tenantOf(rig)] : [await tenantOf(rig), other];
    const failed: unknown[] = [];
    const telling = { ...log, error: (event: string, fields?: object) => void failed.push([event, fields]) };
    await expect(
      pruneHunts({ ...rig.direct, log: telling, endUnscheduled: unreadable }, tenants),
    ).rejects.toMatchObject({ code: 'storage.unreadable' });
    expect(await left()).toEqual({ runs: [false, true], groups: [false, true] });
    expect(failed).toEqual([
      ['hunt.prune_failed', { tenant: OTHER, code: 'storage.unreadable', text: 'a row of a later version' }],
    ]);
  });

  test('is looked for in each tenant in its turn, when there is no time for all', async () => {
    const rig = createHuntRig(() => ({ body: body([]) }));
    const looked: string[] = [];
    const swept: string[] = [];
    const endUnscheduled = async ({ id }: { readonly id: string }) => void swept.push(id);
    const table: typeof rig.direct.table = {
      ...rig.direct.table,
      range(partition, ...rest) {
        looked.push(partition);
        rig.clock.advance(1_000);
        return rig.direct.table.range(partition, ...rest);
      },
    };
    const tenants = [await tenantOf(rig, { id: OTHER }), await tenantOf(rig)];
    for (let hour = 0; hour < 2; hour++) {
      await pruneHunts({ ...rig.direct, table, log, endUnscheduled, budgetMs: 500 }, tenants);
      rig.clock.advance(3_600_000);
    }
    expect(looked.sort()).toEqual([TENANT, OTHER]);
    expect(swept.sort()).toEqual([TENANT, OTHER]);
  });
});
