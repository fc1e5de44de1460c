import { describe, expect, it } from 'vitest';
import { requestHunt } from '../../shared/hunting/run/request.ts';
import { readState } from '../../shared/incidents/session.ts';
import { statusOf } from '../../shared/incidents/status.ts';
import { resumeRemovals } from '../../shared/tenants/stuck-removals.ts';
import { TENANT_ID } from '../support/sync-rig.ts';
import { any, BOSS, CLIENT } from './registry-rig.ts';
import { createRemovalRig, OTHER, type RemovalRig } from './removal-rig.ts';

const MINUTE = 60_000;
const QUIET = 16 * MINUTE;

const remove = (rig: RemovalRig) => rig.registry.registry.remove(TENANT_ID, any, rig.registry.by);
const record = (rig: RemovalRig) => rig.registry.registry.get(TENANT_ID);
const registerAgain = (rig: RemovalRig) =>
  rig.registry.registry.register(
    { id: TENANT_ID, credential: { kind: 'federated', clientId: CLIENT }, state: 'active' },
    rig.registry.by,
  );

/** Runs messages until the removal is done, waiting as they say. */
async function finish(rig: RemovalRig): Promise<void> {
  for (let message = 0; message < 50; message++) {
    const outcome = await rig.removal();
    if (outcome === 'done' || outcome === 'ended') return;
    if (outcome === 'waiting') rig.sync.clock.advance(QUIET);
  }
  throw new Error('the removal does not end');
}

describe('removing a tenant', () => {
  it('deletes all that is stored of it, twice, and of nobody else; record and audit stay', async () => {
    const rig = await createRemovalRig();
    const others = rig.left(OTHER);
    const before = rig.left().length;
    expect(before).toBeGreaterThan(500);
    await remove(rig);
    expect(await rig.removal()).toBe('waiting');
    expect(rig.left()).toEqual([]);
    expect(rig.registry.store.messages.at(-1)).toMatchObject({ delaySeconds: QUIET / 1_000 });
    expect(await record(rig)).toMatchObject({ removal: { pass: 2 } });
    rig.sync.clock.advance(QUIET - 1);
    expect(await rig.removal()).toBe('waiting');
    expect((await record(rig))?.removal?.doneMs).toBeUndefined();
    rig.sync.clock.advance(1);
    expect(await rig.removal()).toBe('done');
    const { removal } = (await record(rig)) ?? {};
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
    await remove(rig);
    await finish(rig);
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
    await remove(rig);
    expect(await rig.removal()).toBe('done');
    expect(rig.left()).toEqual([]);
  });

  it('goes on in slices, message by message', async () => {
    const rig = await createRemovalRig();
    await remove(rig);
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
    await remove(rig);
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
    await finish(rig);
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

/** Writes of all stores, counted; the nth never comes back: its process died there, before or behind the write. */
function dieAtWrite(rig: RemovalRig, nth: number, written: boolean): { died: Promise<void>; revive(): void } {
  let writes = 0;
  const undo: (() => void)[] = [];
  let die = (): void => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const mortal =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (++writes !== nth) return call(...args);
      if (written) await call(...args);
      die();
      return new Promise<never>(() => {});
    };
  for (const { table, blobs, queue } of [rig.sync.store, rig.hunts, rig.registry.store]) {
    const { transact } = table;
    const { deleteIf } = blobs;
    const { send } = queue;
    table.transact = mortal(transact);
    blobs.deleteIf = mortal(deleteIf);
    queue.send = mortal(send);
    undo.push(
      () => Object.assign(table, { transact }),
      () => Object.assign(blobs, { deleteIf }),
    );
    undo.push(() => Object.assign(queue, { send }));
  }
  const revive = (): void => {
    for (const each of undo) each();
  };
  return { died, revive };
}

describe('a removal whose process dies', () => {
  it('at any write, before or behind it, is done by the same message when it comes again', async () => {
    let deaths = 0;
    for (const written of [false, true]) {
      for (let nth = 1; ; nth++) {
        const rig = await createRemovalRig({ incidents: 0 });
        for (let n = 0; n < 3; n++) rig.sync.source.upsert({ id: `i${n}` });
        await rig.runSync();
        await remove(rig);
        const { died, revive } = dieAtWrite(rig, nth, written);
        const ended = await Promise.race([died.then(() => 'died'), finish(rig).then(() => 'ended')]);
        revive();
        if (ended === 'died') {
          deaths += 1;
          await finish(rig);
        }
        expect(rig.left()).toEqual([]);
        expect((await record(rig))?.removal?.doneMs).toBeGreaterThan(0);
        const { entries } = await rig.registry.registry.audit(TENANT_ID, { top: 9 });
        expect(entries.filter(({ action }) => action === 'removed')).toHaveLength(1);
        if (ended === 'ended') break;
      }
    }
    expect(deaths).toBeGreaterThan(20);
  });

  it('runs twice at the same time without harm', async () => {
    const rig = await createRemovalRig();
    await remove(rig);
    const outcomes = await Promise.all([rig.removal(), rig.removal(), rig.removal()]);
    expect(outcomes.sort()).toEqual(['ended', 'ended', 'waiting']);
    await finish(rig);
    expect(rig.left()).toEqual([]);
  });

  it('is taken up by the timer when no message is left', async () => {
    const rig = await createRemovalRig();
    await remove(rig);
    const { messages, queue } = rig.registry.store;
    messages.length = 0;
    const { records } = rig.registry.directory;
    const log = rig.registry.by.log;
    const tick = async () => {
      const lastMs = rig.sync.clock.now();
      rig.sync.clock.advance(MINUTE);
      await resumeRemovals({ records, queue: () => queue, log }, { lastMs, nowMs: rig.sync.clock.now() });
    };
    for (let minute = 0; minute < 31; minute++) await tick();
    expect(messages).toHaveLength(2);
    await finish(rig);
    messages.length = 0;
    for (let minute = 0; minute < 60; minute++) await tick();
    expect(messages).toEqual([]);
  });
});

/** A sync stands still at its nth operation on storage or the source, until it is let go on. */
function haltSync(rig: RemovalRig, nth: number): { halted: Promise<void>; goOn(): void } {
  let operations = 0;
  let goOn = (): void => {};
  let note = (): void => {};
  const halted = new Promise<void>((resolve) => {
    note = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const wait = async (): Promise<void> => {
    if (++operations !== nth) return;
    note();
    await gate;
  };
  const { table, blobs } = rig.sync.store;
  const { get, transact } = table;
  const { put } = blobs;
  const { incidentPages } = rig.sync.source;
  let mine = true;
  table.get = async (...asked) => {
    if (mine) await wait();
    return get(...asked);
  };
  table.transact = async (...asked) => {
    if (mine) await wait();
    return transact(...asked);
  };
  blobs.put = async (...asked) => {
    if (mine) await wait();
    return put(...asked);
  };
  rig.sync.source.incidentPages = async function* (query) {
    if (mine) await wait();
    yield* incidentPages(query);
  };
  void halted.then(() => {
    mine = false;
  });
  return { halted, goOn };
}

describe('a sync that is under way when its tenant is removed', () => {
  it.each([
    ['a first one', 0],
    ['a later one', 3],
  ])('%s stores nothing behind it, wherever it stood and whenever it goes on', async (_what, incidents) => {
    let halts = 0;
    for (const when of ['between the passes', 'when all was done']) {
      for (let nth = 1; ; nth++) {
        const rig = await createRemovalRig({ incidents });
        for (let n = 200; n < 203; n++) rig.sync.source.upsert({ id: `i${n}` });
        const { halted, goOn } = haltSync(rig, nth);
        const run = rig.runSync();
        const ended = await Promise.race([halted.then(() => 'halted'), run.then(() => 'ended')]);
        if (ended === 'ended') break;
        halts += 1;
        await remove(rig);
        expect(await rig.removal()).toBe('waiting');
        if (when === 'between the passes') {
          goOn();
          expect(await run).toMatch(/removed|unknownTenant/);
          rig.sync.clock.advance(QUIET);
          expect(await rig.removal()).toBe('done');
          expect(rig.left()).toEqual([]);
        } else {
          rig.sync.clock.advance(QUIET);
          expect(await rig.removal()).toBe('done');
          goOn();
          expect(await run).toMatch(/removed|unknownTenant/);
          // A process that the platform should have ended long ago may leave a blob that nothing names; never a row.
          expect(rig.left().filter((name) => !name.startsWith(TENANT_ID))).toEqual([]);
        }
        const state = await readState(rig.sync.store.table, TENANT_ID, 1);
        expect(state?.removedGeneration).toBe(1);
        expect(statusOf(TENANT_ID, state, 0).state).toBe('removed');
      }
    }
    expect(halts).toBeGreaterThan(10);
  });
});

it('a hunt that is asked for while its tenant is removed goes with the second pass', async () => {
  const rig = await createRemovalRig();
  await remove(rig);
  expect(await rig.removal()).toBe('waiting');
  const check = {
    diagnostics: [],
    columns: [],
    columnsComplete: true,
    tables: [],
    slicing: { possible: false, reason: '' },
    clockCalls: [],
  } as const;
  await requestHunt(
    { ...rig.hunts, clock: rig.sync.clock },
    { tenant: TENANT_ID, text: 'T', check, origin: 'adhoc', askedBy: 'x', idempotencyKey: 'k' },
  );
  expect(rig.left()).toHaveLength(2);
  rig.sync.clock.advance(QUIET);
  expect(await rig.removal()).toBe('done');
  expect(rig.left()).toEqual([]);
});

it('a tenant that is registered again is loaded anew, and counts on for readers of its change feed', async () => {
  const rig = await createRemovalRig();
  await remove(rig);
  await finish(rig);
  const { nextSequence } = (await readState(rig.sync.store.table, TENANT_ID)) ?? rig.sync.state();
  const again = await registerAgain(rig);
  expect(again).toMatchObject({ generation: 2, state: 'active' });
  expect(await readState(rig.sync.store.table, TENANT_ID, 2)).toBeUndefined();
  rig.sync.clock.advance(MINUTE);
  while ((await rig.runSync()) !== 'done') rig.sync.clock.advance(MINUTE);
  const state = await readState(rig.sync.store.table, TENANT_ID, 2);
  expect(state?.counts.incidents).toBe(120);
  expect(state?.removedMs).toBeUndefined();
  expect(state?.nextSequence).toBe(nextSequence + 120);
});
