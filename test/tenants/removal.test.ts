import { describe, expect, it } from 'vitest';
import { readState } from '../../shared/incidents/session.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { any, BOSS } from './registry-rig.ts';
import { createRemovalRig, OTHER, QUIET } from './removal-rig.ts';

const MINUTE = 60_000;

describe('removing a tenant', () => {
  it('deletes all that is stored of it, twice, and of nobody else; record and audit stay', async () => {
    const rig = await createRemovalRig();
    const others = rig.left(OTHER);
    const before = rig.left().length;
    expect(before).toBeGreaterThan(500);
    await rig.remove();
    expect(await rig.removal()).toBe('waiting');
    expect(rig.left()).toEqual([]);
    expect(rig.registry.store.messages.at(-1)).toMatchObject({ delaySeconds: QUIET / 1_000 });
    expect(await rig.record()).toMatchObject({ removal: { pass: 2 } });
    rig.sync.clock.advance(QUIET - 1);
    expect(await rig.removal()).toBe('waiting');
    expect((await rig.record())?.removal?.doneMs).toBeUndefined();
    rig.sync.clock.advance(1);
    expect(await rig.removal()).toBe('done');
    const { removal } = (await rig.record()) ?? {};
    expect(removal).toMatchObject({ doneMs: rig.sync.clock.now(), requestedBy: BOSS });
    expect((removal?.counts.rows ?? 0) + (removal?.counts.blobs ?? 0)).toBe(before);
    expect(rig.left(OTHER)).toEqual(others);
    const { entries } = await rig.registry.registry.audit(TENANT_ID, { top: 9 });
    expect(entries.map(({ action }) => action)).toEqual(['removed', 'offboarded', 'registered']);
    expect(entries[0]).toMatchObject({ by: { kind: 'outrider' } });
    expect(await rig.removal()).toBe('ended');
  });

  it('leaves of the sync’s state nothing but that it was removed', async () => {
    const rig = await createRemovalRig();
    rig.sync.source.upsert({ id: 'secret-name' });
    await rig.runSync();
    await rig.remove();
    await rig.finish();
    const [row, ...more] = rig.sync.store.rows(TENANT_ID);
    expect(more).toEqual([]);
    expect(Object.keys(row?.columns ?? {}).sort()).toEqual(['state', 'v', 'writer']);
    const { removedMs, nextSequence, counts, newest, failure } = JSON.parse(String(row?.columns.state));
    expect({ counts: counts.incidents, newest, failure }).toEqual({
      counts: 0,
      newest: undefined,
      failure: undefined,
    });
    expect([removedMs > 0, nextSequence > 100]).toEqual([true, true]);
  });

  it('of one that never was active has nothing to wait for', async () => {
    const rig = await createRemovalRig();
    const { registry, by } = rig.registry;
    await registry.change(TENANT_ID, any, { state: 'suspended' }, by);
    rig.sync.clock.advance(QUIET);
    await rig.remove();
    expect(await rig.removal()).toBe('done');
    expect(rig.left()).toEqual([]);
  });

  it('goes on in slices, message by message', async () => {
    const rig = await createRemovalRig();
    await rig.remove();
    const { transact } = rig.sync.store.table;
    rig.sync.store.table.transact = (...asked) => {
      rig.sync.clock.advance(2_000);
      return transact(...asked);
    };
    const lengths: number[] = [];
    for (let outcome = 'more'; outcome === 'more'; lengths.push(rig.left().length))
      outcome = await rig.removal({ budgetMs: 1_000 });
    expect(lengths.length).toBeGreaterThan(3);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths.at(-1)).toBe(0);
  });

  it('deletes nothing under a hold that was set meanwhile, and goes on when it is lifted', async () => {
    const rig = await createRemovalRig();
    const before = rig.left();
    await rig.remove();
    const { transact } = rig.registry.store.table;
    const row = await rig.registry.store.table.get('tenants', `t|${TENANT_ID}`);
    const put = (record: object) =>
      transact('tenants', [
        { op: 'put', key: `t|${TENANT_ID}`, columns: { ...row?.columns, record: JSON.stringify(record) } },
      ]);
    const stored = JSON.parse(String(row?.columns.record));
    await put({ ...stored, sync: { legalHold: true } });
    expect(await rig.removal()).toBe('held');
    expect(rig.left()).toEqual(before);
    await put(stored);
    await rig.finish();
    expect(rig.left()).toEqual([]);
  });

  it.each(['rubbish', '{"v":2,"tenant":"x"}', { v: 1, tenant: '../x' }])(
    'does not go by a message that is not ours: %j',
    async (message) => {
      const rig = await createRemovalRig({ incidents: 0 });
      const { runRemoval } = await import('../../shared/tenants/run-removal.ts');
      const log = rig.registry.by.log;
      expect(await runRemoval({ log } as Parameters<typeof runRemoval>[0], message)).toBe('foreign');
    },
  );
});

it('a tenant that is registered again is loaded anew, and counts on for readers of its change feed', async () => {
  const rig = await createRemovalRig();
  await rig.remove();
  await rig.finish();
  const { nextSequence } = (await readState(rig.sync.store.table, TENANT_ID)) ?? rig.sync.state();
  const again = await rig.register();
  expect(again).toMatchObject({ generation: 2, state: 'active' });
  expect(await readState(rig.sync.store.table, TENANT_ID, 2)).toBeUndefined();
  rig.sync.clock.advance(MINUTE);
  while ((await rig.runSync()) !== 'done') rig.sync.clock.advance(MINUTE);
  const state = await readState(rig.sync.store.table, TENANT_ID, 2);
  expect(state?.counts.incidents).toBe(120);
  expect(state?.removedMs).toBeUndefined();
  expect(state?.nextSequence).toBe(nextSequence + 120);
});
