import { describe, expect, it } from 'vitest';
import type { RunDependencies } from '../../../shared/hunting/run/dependencies.ts';
import { cancelRun, supersedeRun } from '../../../shared/hunting/run/end-run.ts';
import { huntMessage, readHuntMessage } from '../../../shared/hunting/run/message.ts';
import { newRunId, tenantOfRun } from '../../../shared/hunting/run/names.ts';
import { recordPoisonedHunt } from '../../../shared/hunting/run/poisoned.ts';
import { listRuns, readRows, readRunState } from '../../../shared/hunting/run/read.ts';
import { pruneRuns } from '../../../shared/hunting/run/retention.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import type { HuntRun } from '../../../shared/hunting/run/types.ts';
import type { Reply } from '../../clients/fake-wire.ts';
import { all, failureOf } from '../../clients/harness.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

const ROW = '{"ReportId":9223372036854775807,"d":1.10,"e":"","n":null,"a":1,"A":2}';
const body = (...rows: string[]): Reply => ({
  body: `{"schema":[{"name":"ReportId","type":"Int64"}],"results":[${rows.join(',')}]}`,
});

async function stateOf(rig: ReturnType<typeof createHuntRig>, run: string): Promise<HuntRun | undefined> {
  return readRunState(rig.direct, { tenant: TENANT, run });
}

/** An instance that can die: its storage then never answers. */
function mortal(dependencies: RunDependencies) {
  let alive = true;
  const { table } = dependencies;
  const wrapped: RunDependencies = {
    ...dependencies,
    table: {
      ...table,
      transact: (...args) => (alive ? table.transact(...args) : new Promise(() => {})),
    },
  };
  return {
    wrapped,
    die: () => {
      alive = false;
    },
  };
}

describe('an answer that is odd', () => {
  const schema = '"schema":[{"name":"A","type":"String"}]';
  it.each([
    ['columns that the schema does not name', schema, ['{"A":"x","B":{"C":[1]}}', '{"D":null}']],
    ['annotations', schema, ['{"A@odata.type":"#String","A":"x","@odata.type":"#row"}']],
    ['column names that differ by case', schema, ['{"a":1,"A":2,"Á":3}', '{"A":1,"A":2}']],
    ['no schema', undefined, ['{"A":1}']],
    ['a schema and no rows', schema, []],
    ['neither', undefined, []],
  ])('is kept as it is: %s', async (_what, named, rows) => {
    const members = [named, `"results":[${rows.join(',')}]`].filter((member) => member !== undefined);
    const rig = createHuntRig(() => ({ body: `{${members.join(',')}}` }));
    const { id } = await rig.request();
    await rig.settle();
    expect(await rig.run(id)).toMatchObject({
      state: 'succeeded',
      rows: rows.length,
      columns: named === undefined ? [] : [{ name: 'A', type: 'String' }],
    });
    expect(await rig.rows(id)).toEqual(rows);
  });
});

describe('asking for a run', () => {
  it('gives a run that is queued until its message comes, then its rows as the service wrote them', async () => {
    const rig = createHuntRig(() => body(ROW, '{\r\n "ReportId" : 1 }'));
    const parameters = { days: 7, names: ['a'] };
    const query = { id: 'q1', version: '1.0.0' };
    const { id, isNew } = await rig.request({ parameters, query, timespan: 'P7D' });
    expect(isNew).toBe(true);
    expect(tenantOfRun(id)).toBe(TENANT);
    expect(await stateOf(rig, id)).toMatchObject({ state: 'queued', rows: 0 });
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
    const { requestHunt } = await import('../../../shared/hunting/run/request.ts');
    const { REQUEST } = await import('./hunt-rig.ts');
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
    rig.clock.advance(61_000);
    expect(await rig.clock.run(runHunt(rig.direct, message))).toBe('missing');
    expect(rig.store.messages).toHaveLength(1);
    expect(rig.wire.sent).toHaveLength(0);
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

describe('a run', () => {
  it('keeps what the service says of a query that it refuses, and does not log it', async () => {
    const message = "Failed to resolve column 'SecretName'";
    const rig = createHuntRig(() => ({ status: 400, body: { error: { code: 'BadRequest', message } } }));
    const { id } = await rig.request();
    await rig.settle();
    expect(await stateOf(rig, id)).toMatchObject({
      state: 'failed',
      failure: { code: 'hunt.query_refused', serviceMessage: message },
    });
    expect(JSON.stringify(rig.events)).not.toContain('SecretName');
    await failureOf(rig.rows(id), 'hunt.not_ready');
  });

  it('is left alone while another instance has it, and taken up when that one is gone', async () => {
    const rig: ReturnType<typeof createHuntRig> = createHuntRig((_call, index) =>
      index === 0 ? { hangs: true } : body(ROW),
    );
    const { id } = await rig.request();
    const message = rig.store.messages[0]?.text;
    const { wrapped, die } = mortal(rig.direct);
    const dying = runHunt(wrapped, message);
    await rig.clock.run(rig.clock.sleep(40_000));
    expect(await rig.clock.run(runHunt(rig.direct, message))).toBe('busy');
    expect(rig.wire.sent).toHaveLength(1);
    expect(rig.store.messages).toHaveLength(2);
    die();
    rig.clock.advance(91_000);
    expect(await rig.clock.run(runHunt(rig.direct, message))).toBe('succeeded');
    expect(await stateOf(rig, id)).toMatchObject({ state: 'succeeded', rows: 1 });
    await Promise.race([dying, rig.clock.run(rig.clock.sleep(1_000))]);
  });

  it('is not touched again when its end takes longer than a renewal of the lease', async () => {
    const rig = createHuntRig(() => body(ROW));
    const { id } = await rig.request();
    const states: string[] = [];
    const { table } = rig.direct;
    const slow: typeof table = {
      ...table,
      async transact(partition, writes) {
        const ends = writes.some(
          (write) => 'columns' in write && String(write.columns.run).includes('"succeeded"'),
        );
        if (ends) await rig.clock.sleep(40_000);
        states.push(ends ? 'end' : 'other');
        return table.transact(partition, writes);
      },
    };
    const outcome = await rig.clock.run(runHunt({ ...rig.direct, table: slow }, rig.store.messages[0]?.text));
    expect(outcome).toBe('succeeded');
    await rig.clock.run(rig.clock.sleep(120_000));
    expect(states.filter((state) => state === 'end')).toHaveLength(1);
    expect(await stateOf(rig, id)).toMatchObject({ state: 'succeeded' });
  });

  it('is begun four times at most by instances that die', async () => {
    const rig = createHuntRig(() => ({ hangs: true }));
    const { id } = await rig.request();
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const { wrapped, die } = mortal(rig.direct);
      void runHunt(wrapped, rig.store.messages[0]?.text);
      await rig.clock.run(rig.clock.sleep(10_000));
      expect(rig.wire.sent).toHaveLength(attempt);
      die();
      rig.clock.advance(91_000);
    }
    expect(await rig.clock.run(runHunt(rig.direct, rig.store.messages[0]?.text))).toBe('failed');
    expect(await stateOf(rig, id)).toMatchObject({ failure: { code: 'hunt.abandoned' } });
    expect(rig.wire.sent).toHaveLength(4);
  });

  it('ends as failed in a tenant that is disabled', async () => {
    const rig = createHuntRig(() => body(), { enabled: false });
    const { id } = await rig.request();
    await rig.settle();
    expect(await stateOf(rig, id)).toMatchObject({ state: 'failed', failure: { code: 'tenant.disabled' } });
    expect(rig.wire.sent).toHaveLength(0);
  });

  it('ends as failed when it waited longer than anybody would', async () => {
    const rig = createHuntRig(() => ({ status: 429, body: { error: { message: 'CPU' } } }));
    const { id } = await rig.request();
    await rig.settle();
    const run = await stateOf(rig, id);
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'hunt.expired' } });
    expect((run?.endedMs ?? 0) - (run?.requestedMs ?? 0)).toBeGreaterThan(6 * 3_600_000);
    expect((run?.endedMs ?? 0) - (run?.requestedMs ?? 0)).toBeLessThan(7 * 3_600_000);
  });

  it('shows what it waits for', async () => {
    const rig = createHuntRig(() => ({ status: 429, body: { error: { message: 'CPU' } } }));
    const { id } = await rig.request();
    await rig.clock.run(runHunt(rig.direct, rig.store.messages[0]?.text));
    const run = await stateOf(rig, id);
    expect(run).toMatchObject({ state: 'throttled', waitsFor: 'the CPU share of hunting queries' });
    expect(run?.waitsUntilMs).toBeGreaterThanOrEqual(rig.clock.now() + 15 * 60_000);
    expect(rig.store.messages).toHaveLength(2);
    const { quota } = rig.dependencies();
    const other = rig.clock.run(quota.take({ tenant: TENANT, origin: 'adhoc', maxWaitMs: 0 }));
    await failureOf(other, 'hunt.cpu_quota');
    // The message of the turn before, delivered again, changes nothing.
    expect(await rig.clock.run(runHunt(rig.direct, rig.store.messages[0]?.text))).toBe('stale');
  });

  it('ends as failed when its message is poisoned, unless it has ended', async () => {
    const rig = createHuntRig(() => body(ROW));
    const { id } = await rig.request();
    await recordPoisonedHunt(rig.direct, rig.store.messages[0]?.text);
    expect(await stateOf(rig, id)).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
    await rig.settle();
    expect(rig.wire.sent).toHaveLength(0);
    const other = await rig.request();
    await rig.settle();
    await recordPoisonedHunt(rig.direct, rig.store.messages[1]?.text);
    expect(await stateOf(rig, other.id)).toMatchObject({ state: 'succeeded' });
    await recordPoisonedHunt(rig.direct, 'no message of ours');
  });
});

describe('cancelling', () => {
  it('ends a queued run at once, and a superseded one alike', async () => {
    const rig = createHuntRig(() => body(ROW));
    const first = await rig.request();
    const second = await rig.request();
    const by = { tenant: TENANT, by: 'analyst' };
    expect(await cancelRun(rig.direct, { ...by, run: first.id })).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'analyst',
    });
    expect(await supersedeRun(rig.direct, { ...by, run: second.id })).toMatchObject({
      state: 'superseded',
      supersededBy: 'analyst',
    });
    await rig.settle();
    expect(rig.wire.sent).toHaveLength(0);
    expect(await cancelRun(rig.direct, { ...by, run: newRunId(TENANT, 0) })).toBeUndefined();
  });

  it('stops a run under way within half a minute, and leaves one that has ended', async () => {
    const rig: ReturnType<typeof createHuntRig> = createHuntRig(async () => {
      await rig.clock.sleep(100_000);
      return body(ROW);
    });
    const { id } = await rig.request();
    const running = runHunt(rig.direct, rig.store.messages[0]?.text);
    const began = rig.clock.now();
    const outcome = await rig.clock.run(async () => {
      await rig.clock.sleep(5_000);
      await cancelRun(rig.direct, { tenant: TENANT, run: id, by: 'analyst' });
      return running;
    });
    expect(outcome).toBe('fenced');
    expect(rig.clock.now() - began).toBeLessThanOrEqual(35_000);
    expect(await stateOf(rig, id)).toMatchObject({ state: 'cancelled' });
    const done = createHuntRig(() => body(ROW));
    const ended = await done.request();
    await done.settle();
    const run = await cancelRun(done.direct, { tenant: TENANT, run: ended.id, by: 'analyst' });
    expect(run).toMatchObject({ state: 'succeeded', rows: 1 });
  });
});

describe('reading', () => {
  it('lists runs newest first, by state, query and group', async () => {
    const rig = createHuntRig(() => body(ROW));
    const ids: string[] = [];
    for (const queryId of ['a', 'b', 'a', 'b']) {
      rig.clock.advance(1_000);
      const group = ids.length < 2 ? 'g1' : 'g2';
      ids.push((await rig.request({ query: { id: queryId }, group })).id);
      if (ids.length === 2) await rig.settle();
    }
    const listed = async (filter: object) =>
      (await all(listRuns(rig.direct, { tenant: TENANT, ...filter }))).map(({ id }) => ids.indexOf(id));
    expect(await listed({})).toEqual([3, 2, 1, 0]);
    expect(await listed({ states: ['queued'] })).toEqual([3, 2]);
    expect(await listed({ queryId: 'a' })).toEqual([2, 0]);
    expect(await listed({ group: 'g1' })).toEqual([1, 0]);
    expect(await listed({ after: ids[2] })).toEqual([1, 0]);
  });

  it('gives any page of a large result, and describes it beside its blobs', async () => {
    const rows = Array.from({ length: 4_000 }, (_, n) => `{"N":${n},"x":"${'ä'.repeat(700)}"}`);
    const rig = createHuntRig(() => body(...rows));
    const { id } = await rig.request();
    // Rows are compressed in a thread of their own, which a clock that stands still does not wait for.
    await runHunt(rig.direct, rig.store.messages[0]?.text);
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded', rows: 4_000 });
    expect(await rig.rows(id)).toEqual(rows);
    for (const [from, count] of [
      [0, 1],
      [1_490, 20],
      [3_999, 5],
      [4_000, 5],
      [0, 0],
    ] as const) {
      expect(await rig.rows(id, { from, count })).toEqual(rows.slice(from, from + count));
    }
    const names = rig.store.blobNames();
    expect(names).toEqual([expect.stringContaining('/description.'), expect.stringContaining('/rows.')]);
    expect(names.every((name) => name.startsWith(`${TENANT}/hunts/`))).toBe(true);
  });

  it('says so when the run is unknown', async () => {
    const rig = createHuntRig(() => body());
    const run = newRunId(TENANT, 0);
    expect(await rig.run(run)).toBeUndefined();
    await failureOf(all(readRows(rig.direct, { tenant: TENANT, run })), 'request.not_found');
  });
});

describe('retention', () => {
  it('deletes old runs that ended, with their blobs and keys, and nothing else', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => `{"N":${n},"x":"${'x'.repeat(900)}"}`);
    const rig = createHuntRig(() => body(...rows));
    await rig.request({ idempotencyKey: 'k' });
    await rig.settle();
    const queued = await rig.request();
    const untilMs = rig.clock.now();
    rig.clock.advance(1_000);
    const fresh = await rig.request();
    expect(rig.store.blobNames()).not.toEqual([]);
    expect(await pruneRuns(rig.direct, { tenant: TENANT, untilMs })).toBe(1);
    expect(rig.store.blobNames()).toEqual([]);
    const keys = rig.store.rows(TENANT).map(({ key }) => key);
    expect(keys).toEqual(['q', `r|${fresh.id.slice(37)}`, `r|${queued.id.slice(37)}`]);
  });
});

describe('blobs of old runs', () => {
  it('are looked for once for runs of the same time, and go with them however these ended', async () => {
    const rig = createHuntRig(() => body(ROW));
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      ids.push((await rig.request()).id);
      rig.clock.advance(60_000);
    }
    const [failed = '', cancelled = '', waiting = '', fresh = ''] = ids;
    const left = (run: string) => `${TENANT}/hunts/${run.slice(37)}/rows.holder.0001.ndjson.gz`;
    for (const id of ids) await rig.store.blobs.put(left(id), new Uint8Array([1]));
    await recordPoisonedHunt(rig.direct, rig.store.messages[0]?.text);
    for (const run of [cancelled, fresh]) await cancelRun(rig.direct, { tenant: TENANT, run, by: 'analyst' });
    expect((await stateOf(rig, failed))?.state).toBe('failed');
    const lists: string[] = [];
    const blobs = {
      ...rig.store.blobs,
      list(prefix: string) {
        lists.push(prefix);
        return rig.store.blobs.list(prefix);
      },
    };
    const untilMs = rig.clock.now() - 90_000;
    expect(await pruneRuns({ ...rig.direct, blobs }, { tenant: TENANT, untilMs })).toBe(2);
    expect(rig.store.blobNames()).toEqual([left(waiting), left(fresh)].sort());
    expect(lists).toHaveLength(1);
    expect(lists[0]).toMatch(/\/hunts\/\w/);
    expect(await pruneRuns({ ...rig.direct, blobs }, { tenant: TENANT, untilMs })).toBe(0);
    expect(lists).toHaveLength(1);
  });
});

describe('a message', () => {
  it('is read back, and nothing else is', () => {
    const run = newRunId(TENANT, 1_000);
    const message = { tenant: TENANT, run, turn: 3, requestedMs: 1_000 };
    expect(readHuntMessage(huntMessage(message))).toEqual(message);
    expect(readHuntMessage(JSON.parse(huntMessage(message)))).toEqual(message);
    const other = '22222222-2222-4222-8222-222222222222';
    for (const bad of [
      '',
      'null',
      '{}',
      huntMessage({ ...message, tenant: other }),
      huntMessage({ ...message, run: `${run}/..` }),
      huntMessage({ ...message, turn: 1.5 }),
      huntMessage(message).replace('"v":1', '"v":2'),
    ]) {
      expect(readHuntMessage(bad), bad).toBeUndefined();
    }
  });
});
