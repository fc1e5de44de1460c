import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { resumeRemovals } from '../../shared/tenants/stuck-removals.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { createRemovalRig, QUIET, type RemovalRig } from './removal-rig.ts';

const MINUTE = 60_000;

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
        await rig.remove();
        const { died, revive } = dieAtWrite(rig, nth, written);
        const ended = await Promise.race([died.then(() => 'died'), rig.finish().then(() => 'ended')]);
        revive();
        if (ended === 'died') {
          deaths += 1;
          await rig.finish();
        }
        expect(rig.left()).toEqual([]);
        expect((await rig.record())?.removal?.doneMs).toBeGreaterThan(0);
        const { entries } = await rig.registry.registry.audit(TENANT_ID, { top: 9 });
        expect(entries.filter(({ action }) => action === 'removed')).toHaveLength(1);
        if (ended === 'ended') break;
      }
    }
    expect(deaths).toBeGreaterThan(20);
  });

  it('runs twice at the same time without harm', async () => {
    const rig = await createRemovalRig();
    await rig.remove();
    const outcomes = await Promise.all([rig.removal(), rig.removal(), rig.removal()]);
    expect(outcomes.sort()).toEqual(['ended', 'ended', 'waiting']);
    await rig.finish();
    expect(rig.left()).toEqual([]);
  });

  it('deletes nothing of a tenant that was registered again, when it is the second of two and comes late', async () => {
    const rig = await createRemovalRig();
    await rig.remove();
    expect(await rig.removal()).toBe('waiting');
    rig.sync.clock.advance(QUIET);
    const { range } = rig.sync.store.table;
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    rig.sync.store.table.range = async function* (...asked) {
      await gate;
      yield* range(...asked);
    };
    const late = rig.removal();
    await setImmediate();
    rig.sync.store.table.range = range;
    expect(await rig.removal()).toBe('done');
    await rig.register();
    while ((await rig.runSync()) !== 'done') rig.sync.clock.advance(MINUTE);
    const stored = rig.left();
    expect(stored.length).toBeGreaterThan(120);
    goOn();
    expect(await late).toBe('ended');
    expect(rig.left()).toEqual(stored);
  });

  it('is taken up by the timer when no message is left', async () => {
    const rig = await createRemovalRig();
    await rig.remove();
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
    await rig.finish();
    messages.length = 0;
    for (let minute = 0; minute < 60; minute++) await tick();
    expect(messages).toEqual([]);
  });
});
