import { describe, expect, it } from 'vitest';
import { requestHunt } from '../../shared/hunting/run/request.ts';
import { readState } from '../../shared/incidents/session.ts';
import { statusOf } from '../../shared/incidents/status.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { createRemovalRig, QUIET, type RemovalRig } from './removal-rig.ts';

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
        await rig.remove();
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
  await rig.remove();
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
