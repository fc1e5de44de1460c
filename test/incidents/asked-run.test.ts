import { describe, expect, it } from 'vitest';
import { problemOf } from '../../shared/http/problem.ts';
import { requestRun } from '../../shared/incidents/request-run.ts';
import { runSync } from '../../shared/incidents/run.ts';
import { statusOf } from '../../shared/incidents/status.ts';
import { createWakeUp } from '../../shared/incidents/wake-up.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { dieAtWrite } from '../support/die-at-write.ts';
import { expectStoreToEqualModel } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A tenant whose first load takes many writes, and somebody who asks for runs of it. */
function asking() {
  const rig = createSyncRig({ maxTop: 2 });
  for (let n = 0; n < 20; n++)
    rig.source.upsert({ id: `i${n}`, lastUpdate: paddedFromMs(rig.clock.now() - DAY - n * HOUR) });
  const { table, blobs, queue } = rig.store;
  const wakeUp = createWakeUp({ queue, clock: rig.clock });
  const ask = () => requestRun({ table, blobs, clock: rig.clock, wakeUp }, rig.tenant);
  const statusRun = () => statusOf(rig.tenant.id, rig.state(), rig.clock.now()).run;
  return { rig, ask, statusRun, messages: rig.store.messages };
}

describe('a run that is asked for while a dead one’s lease lives', () => {
  it('comes when the lease is over, by one message, however often it is asked for', async () => {
    const { rig, ask, messages } = asking();
    await dieAtWrite(rig, 4);
    const dead = rig.state().lease?.run;
    rig.clock.advance(20 * SECOND);
    const asked = await Promise.all([ask(), ask(), ask()]);
    for (let second = 0; second < 30; second++) {
      rig.clock.advance(SECOND);
      asked.push(await ask());
    }
    expect(new Set(asked)).toEqual(new Set([dead]));
    expect(messages.map(({ delaySeconds }) => delaySeconds)).toEqual([40]);
    rig.clock.advance(10 * SECOND);
    expect(await rig.run()).not.toBe('busy');
  });

  it('is under its id until it has really ended', async () => {
    const { rig, ask, statusRun } = asking();
    await dieAtWrite(rig, 4);
    const run = await ask();
    expect(statusRun()).toBe(run);
    rig.clock.advance(70 * SECOND);
    expect(statusRun()).toBe(run);
    await rig.settle();
    expect(statusRun()).toBeUndefined();
    expectStoreToEqualModel(rig);
    expect(rig.events.filter(({ event }) => event === 'sync.run')).toMatchObject([{ fields: { run } }]);
  });

  it('comes at once when the lease is over already', async () => {
    const { rig, ask, messages } = asking();
    await ask();
    await dieAtWrite(rig, 4);
    rig.clock.advance(100 * SECOND);
    await ask();
    await ask();
    expect(messages.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 0]);
  });

  it('is forgotten in the end, should nothing take it up', async () => {
    const { rig, ask, statusRun } = asking();
    await dieAtWrite(rig, 4);
    const dead = await ask();
    rig.clock.advance(12 * 60 * SECOND);
    expect(statusRun()).toBeUndefined();
    expect(await ask()).not.toBe(dead);
  });
});

describe('a message that could not be sent', () => {
  it('is sent when the run is asked for again, and once', async () => {
    const { rig, ask, messages } = asking();
    const { send } = rig.store.queue;
    rig.store.queue.send = () => Promise.reject(new Error('the queue is full'));
    await expect(ask()).rejects.toThrow('full');
    rig.store.queue.send = send;
    const run = await ask();
    expect(await ask()).toBe(run);
    expect(messages).toHaveLength(1);
  });

  it('nor is one sent again that has only just been sent', async () => {
    const { ask, messages } = asking();
    expect(new Set([await ask(), await ask(), await ask()]).size).toBe(1);
    expect(messages).toHaveLength(1);
  });
});

describe('a message that failed', () => {
  it('is not kept out by the lease of its own first try; another is', async () => {
    const { rig } = asking();
    const { transact } = rig.store.table;
    let writes = 0;
    rig.store.table.transact = (partition, rows) =>
      ++writes === 4 ? Promise.reject(new Error('storage broke')) : transact(partition, rows);
    const order = { tenantId: rig.tenant.id, holder: 'message 1' };
    await expect(runSync(rig.dependencies, order)).rejects.toThrow('broke');
    rig.clock.advance(30 * SECOND);
    expect(await runSync(rig.dependencies, { ...order, holder: 'message 2' })).toBe('busy');
    expect(await runSync(rig.dependencies, order)).toBe('done');
    expectStoreToEqualModel(rig);
  });
});

it('a run that cannot be asked for, since others keep writing, is to be asked for again: no service failed', async () => {
  const { rig, ask } = asking();
  await rig.run();
  const { get, transact } = rig.store.table;
  // Somebody else writes between every look and every write.
  rig.store.table.get = async (...asked) => {
    const row = await get(...asked);
    if (row)
      await transact(asked[0], [{ op: 'put', key: asked[1], columns: { ...row.columns, writer: 'x' } }]);
    return row;
  };
  const error = await ask().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'sync.fenced' });
  expect(problemOf(error, 'correlation')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
});
