import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import type { FeedEntry, FeedWriter } from '../../../shared/hunting/findings/ports.ts';
import { createFeedWriter } from '../../../shared/incidents/append-to-feed.ts';
import { readState } from '../../../shared/incidents/session.ts';
import type { SyncState } from '../../../shared/incidents/state.ts';
import type { TableStore } from '../../../shared/storage.ts';
import { paddedFromMs } from '../../../shared/time.ts';
import { createSyncRig } from '../../support/sync-rig.ts';
import { TENANT_ID } from '../../support/tenant-with.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const entry = (ms: number): FeedEntry => ({
  kind: 'finding',
  observedAt: paddedFromMs(ms),
  columns: { change: 'created', queryId: 'q' },
});

/** A synced tenant with two incidents in its feed. */
async function createTenant() {
  const rig = createSyncRig({ sync: { historyDays: 10 } });
  await rig.settle();
  rig.clock.advance(MINUTE);
  for (const id of ['a', 'b']) rig.source.upsert({ id, title: id });
  await rig.run();
  const patchState = async (patch: Partial<SyncState>): Promise<void> => {
    const row = await rig.store.table.get(TENANT_ID, 's');
    if (!row) throw new Error('no state');
    const state = JSON.stringify({ ...rig.state(), ...patch });
    const columns = { ...row.columns, state };
    await rig.store.table.transact(TENANT_ID, [{ op: 'replace', key: 's', columns, etag: row.etag }]);
  };
  const writerOn = (table: TableStore): FeedWriter => createFeedWriter({ table, clock: rig.clock });
  return {
    rig,
    patchState,
    writerOn,
    feed: () => writerOn(rig.store.table).open(rig.tenant),
    rows: (prefix: string) => rig.store.rows(TENANT_ID).filter(({ key }) => key.startsWith(prefix)),
    /** A table whose next transaction is followed, or replaced, by something else. */
    tableWith(onTransact: TableStore['transact']): TableStore {
      let first = true;
      return {
        ...rig.store.table,
        async transact(partition, writes) {
          if (!first) return rig.store.table.transact(partition, writes);
          first = false;
          return onTransact(partition, writes);
        },
      };
    },
  };
}

describe('what others add to the change feed', () => {
  it('comes behind what is there, in one transaction with their rows, and leaves the state of the sync alone', async () => {
    const { rig, feed, rows } = await createTenant();
    const before = rig.state();
    const seen = (await rig.store.table.get(TENANT_ID, 's'))?.columns.seen;
    expect(before.nextSequence).toBe(3);
    const open = feed();
    await open.append([entry(1), entry(2)], (first) => [{ op: 'insert', key: 'row', columns: { first } }]);
    await open.append([entry(3)], () => []);
    expect(rows('row')[0]?.columns.first).toBe(3);
    expect(rows('x|').map(({ columns: { sequence, kind } }) => [sequence, kind])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'finding'],
      [4, 'finding'],
      [5, 'finding'],
    ]);
    const { writer: _own, ...state } = rig.state();
    const { writer: _before, ...stateBefore } = before;
    expect(state).toEqual({ ...stateBefore, nextSequence: 6 });
    expect((await rig.store.table.get(TENANT_ID, 's'))?.columns.seen).toBe(seen);
    expect(rig.store.calls.get).toBeGreaterThan(0);
  });

  it('makes way for nobody: a sync run that read before is stopped, begins again, and loses nothing', async () => {
    const { rig, feed, rows } = await createTenant();
    rig.source.upsert({ id: 'c', title: 'c' });
    rig.clock.advance(MINUTE);
    const { transact } = rig.store.table;
    let once = false;
    Object.assign(rig.store.table, {
      transact: async (...args: Parameters<typeof transact>) => {
        if (!once) {
          once = true;
          await feed().append([entry(1)], () => []);
        }
        return transact(...args);
      },
    });
    await rig.run();
    expect(rig.events.map(({ event }) => event)).toContain('sync.fenced');
    expect(rows('x|').map(({ columns }) => columns.id ?? columns.kind)).toEqual(['a', 'b', 'finding', 'c']);
  });

  it('waits for a run that holds the lease, but not for ever', async () => {
    const { rig, feed, patchState, rows } = await createTenant();
    await patchState({ lease: { run: 'r', holder: 'h', untilMs: rig.clock.now() + 5_000 } });
    let began = rig.clock.now();
    await feed().append([entry(1)], () => []);
    expect(rig.clock.now() - began).toBe(5_000);
    await patchState({ lease: { run: 'r', holder: 'h', untilMs: rig.clock.now() + DAY } });
    began = rig.clock.now();
    const open = feed();
    for (let n = 0; n < 3; n += 1) await open.append([entry(1)], () => []);
    expect(rig.clock.now() - began).toBe(15_000);
    expect(rig.state().lease?.run).toBe('r');
    expect(rows('x|')).toHaveLength(6);
  });

  it('is there once after a lost answer, and after a retry that met its own first try', async () => {
    const { rig, rows, tableWith, writerOn } = await createTenant();
    for (const code of ['storage.unavailable', 'storage.conflict'] as const) {
      const table = tableWith(async (...args) => {
        await rig.store.table.transact(...args);
        throw new OutriderError(code, 'answer lost');
      });
      await writerOn(table)
        .open(rig.tenant)
        .append([entry(1)], () => []);
    }
    expect(rows('x|')).toHaveLength(4);
  });

  it('takes the next number when somebody else wrote first', async () => {
    const { rig, rows, tableWith, writerOn, feed } = await createTenant();
    const table = tableWith(async (...args) => {
      await feed().append([entry(1)], () => []);
      return rig.store.table.transact(...args);
    });
    const given: number[] = [];
    await writerOn(table)
      .open(rig.tenant)
      .append([entry(2)], (first) => {
        given.push(first);
        return [];
      });
    expect(given).toEqual([3, 4]);
    expect(rows('x|')).toHaveLength(4);
  });

  it('is refused whole when a row of the caller is not as expected, or storage is away', async () => {
    const { feed, rows, tableWith, writerOn, rig } = await createTenant();
    const insert = () => [{ op: 'insert', key: 's2', columns: {} } as const];
    await feed().append([entry(1)], insert);
    await expect(feed().append([entry(1)], insert)).rejects.toMatchObject({ code: 'storage.conflict' });
    const away = tableWith(async () => {
      throw new OutriderError('storage.unavailable', 'away');
    });
    await expect(
      writerOn(away)
        .open(rig.tenant)
        .append([entry(1)], () => []),
    ).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
    expect(rows('x|')).toHaveLength(3);
  });

  it('is refused for a removed tenant', async () => {
    const { feed, patchState, rows } = await createTenant();
    await patchState({ removedMs: 1 });
    await expect(feed().append([entry(1)], () => [])).rejects.toMatchObject({ code: 'tenant.disabled' });
    expect(rows('x|')).toHaveLength(2);
  });

  it('can be the first of a tenant that was never synced; its first sync adds it as ever', async () => {
    const rig = createSyncRig();
    const writer = createFeedWriter({ table: rig.store.table, clock: rig.clock });
    await writer.open(rig.tenant).append([entry(rig.clock.now())], () => []);
    expect((await readState(rig.store.table, TENANT_ID))?.head).toBeUndefined();
    rig.source.upsert({ id: 'old', title: 'old' });
    rig.clock.advance(DAY);
    await rig.settle();
    rig.source.upsert({ id: 'new', title: 'new' });
    rig.clock.advance(MINUTE);
    await rig.settle();
    expect(rig.record('old')).toBeDefined();
    expect(rig.feed().map(({ sequence, id }) => [sequence, id])).toEqual([
      [1, undefined],
      [rig.record('new')?.sequence, 'new'],
    ]);
  });

  it('is let go of with the feed of the tenant', async () => {
    const { rig, feed, rows } = await createTenant();
    await feed().append([entry(rig.clock.now())], () => []);
    rig.clock.advance(9 * DAY);
    await rig.settle();
    expect(rows('x|')).toHaveLength(3);
    rig.clock.advance(2 * DAY);
    await rig.settle();
    expect(rows('x|')).toHaveLength(0);
  });
});
