import { describe, expect, it } from 'vitest';
import { huntMessage } from '../../../shared/hunting/run/message.ts';
import { newRunId, tenantOfRun } from '../../../shared/hunting/run/names.ts';
import { requestHunt } from '../../../shared/hunting/run/request.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { CALL_MS } from '../../../shared/state/within-time.ts';
import { failureOf } from '../../clients/harness.ts';
import { body, ROW } from './answers.ts';
import { createHuntRig, REQUEST, TENANT } from './hunt-rig.ts';

describe('asking for a run', () => {
  it('gives a run that is queued until its message comes, then its rows as the service wrote them', async () => {
    const rig = createHuntRig(() => body(ROW, '{\r\n "ReportId" : 1 }'));
    const parameters = { days: 7, names: ['a'] };
    const query = { id: 'q1', version: '1.0.0' };
    const { id, isNew } = await rig.request({ parameters, query, timespan: 'P7D' });
    expect(isNew).toBe(true);
    expect(tenantOfRun(id)).toBe(TENANT);
    expect(await rig.state(id)).toMatchObject({ state: 'queued', rows: 0 });
    await failureOf(rig.rows(id), 'hunt.not_ready');
    await rig.settle();
    expect(await rig.run(id)).toMatchObject({
      state: 'succeeded',
      askedBy: 'somebody',
      query,
      parameters,
      timespan: 'P7D',
      columns: [{ name: 'ReportId', type: 'Int64' }],
      slices: [],
      rows: 2,
      bytes: Buffer.byteLength(`${ROW}\n{  "ReportId" : 1 }\n`),
      received: Buffer.byteLength(String((body(ROW, '{\r\n "ReportId" : 1 }') as { body: string }).body)),
      calls: 1,
    });
    expect(await rig.rows(id)).toEqual([ROW, '{  "ReportId" : 1 }']);
    expect(rig.store.blobNames()).toEqual([]);
  });

  it('costs few storage operations for a small run', async () => {
    const rig = createHuntRig(() => body(ROW));
    await rig.request();
    expect(rig.store.calls).toMatchObject({ send: 1, transact: 1, get: 0, blobPut: 0 });
    await rig.settle();
    // The row, its lease, a call of the quota, its end.
    expect(rig.store.calls).toMatchObject({ send: 1, transact: 4, get: 2, blobPut: 0, blobStage: 0 });
  });

  it('sends the message first, so that no stored run is without one', async () => {
    const rig = createHuntRig(() => body());
    const order: string[] = [];
    const dependencies = {
      ...rig.direct,
      queue: { send: async () => void order.push('send') },
      table: {
        ...rig.direct.table,
        transact: async () => {
          order.push('write');
          throw new Error('died');
        },
      },
    };
    await expect(requestHunt(dependencies, REQUEST)).rejects.toThrow('died');
    expect(order).toEqual(['send', 'write']);
  });

  it('looks again for a run that is not stored yet, and forgets one that never was', async () => {
    const rig = createHuntRig(() => body());
    const run = newRunId(TENANT, rig.clock.now());
    const message = huntMessage({ tenant: TENANT, run, turn: 0, requestedMs: rig.clock.now() });
    expect(await rig.clock.run(runHunt(rig.direct, message))).toBe('missing');
    expect(rig.store.messages).toHaveLength(1);
    expect(rig.store.messages[0]?.delaySeconds).toBeGreaterThan(0);
    rig.clock.advance(181_000);
    expect(await rig.clock.run(runHunt(rig.direct, message))).toBe('missing');
    expect(rig.store.messages).toHaveLength(1);
    expect(rig.wire.sent).toHaveLength(0);
  });

  it('runs what storage took as long to store as it is given time for', async () => {
    const rig = createHuntRig(() => body(ROW));
    const { clock, direct, store } = rig;
    const slowly =
      <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        await clock.sleep(CALL_MS - 1);
        return work(...args);
      };
    const { table, blobs, queue } = direct;
    const sent = Promise.withResolvers<void>();
    const slow = {
      ...direct,
      table: { ...table, get: slowly(table.get), transact: slowly(table.transact) },
      blobs: { ...blobs, put: slowly(blobs.put) },
      queue: {
        // It is there at once; only the answer comes late.
        send: async (...message: Parameters<typeof queue.send>) => {
          await queue.send(...message);
          sent.resolve();
          await clock.sleep(CALL_MS - 1);
        },
      },
    };
    const text = `T // ${'long '.repeat(20_000)}`;
    const asked = requestHunt(slow, { ...REQUEST, text, idempotencyKey: 'k' });
    const host = async (): Promise<void> => {
      for (const { text, delaySeconds = 0 } of store.messages) {
        await clock.sleep(delaySeconds * 1_000);
        await runHunt(direct, text);
      }
    };
    const [{ id }] = await clock.run(Promise.all([asked, sent.promise.then(host)]));
    expect(await rig.state(id)).toMatchObject({ state: 'succeeded' });
  });

  it('gives the same run for the same idempotency key, also when both come at once', async () => {
    const rig = createHuntRig(() => body(ROW));
    const key = { idempotencyKey: 'k-1' };
    const [first, second] = await Promise.all([rig.request(key), rig.request(key)]);
    expect(second.id).toBe(first.id);
    expect([first.isNew, second.isNew].sort()).toEqual([false, true]);
    expect((await rig.request(key)).id).toBe(first.id);
    await rig.settle();
    expect((await rig.request(key)).id).toBe(first.id);
    expect(rig.wire.sent).toHaveLength(1);
    expect((await rig.request({ ...key, askedBy: 'somebody else' })).id).not.toBe(first.id);
    await failureOf(rig.request({ ...key, timespan: 'P1D' }), 'hunt.key_reused');
  });

  it('refuses what can never be run', async () => {
    const rig = createHuntRig(() => body());
    const error = {
      code: 'KS142',
      severity: 'error',
      message: 'no such column',
      start: 0,
      length: 1,
    } as const;
    const check = { diagnostics: [error], slicing: { possible: false, reason: '' }, clockCalls: [] } as const;
    const refused = await failureOf(rig.request({ check }), 'hunt.query_invalid');
    expect(refused.facts.details).toEqual(['KS142: no such column']);
    for (const bad of [
      { timespan: 'P31D' },
      { timespan: 'yesterday' },
      { timespan: '2026-11-21T00:00:00Z/2026-11-20T00:00:00Z' },
      { maxRows: 0 },
      { maxRows: 1_000_001 },
      { idempotencyKey: 'x'.repeat(201) },
    ]) {
      await failureOf(rig.request(bad), 'request.invalid');
    }
    expect(rig.store.messages).toEqual([]);
    expect(rig.store.rows(TENANT)).toEqual([]);
  });

  it('takes a query that is too long for a row', async () => {
    const rig = createHuntRig(() => body(ROW));
    const text = `T // ${'long '.repeat(20_000)}`;
    const { id } = await rig.request({ text });
    await rig.settle();
    expect((await rig.run(id))?.text).toBe(text);
    expect(JSON.parse(String(rig.wire.sent[0]?.body)).Query).toBe(text);
  });
});
