import { describe, expect, it } from 'vitest';
import type { RunDependencies } from '../../../shared/hunting/run/dependencies.ts';
import { recordPoisonedHunt } from '../../../shared/hunting/run/poisoned.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { failureOf } from '../../clients/harness.ts';
import { body, ROW } from './answers.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

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

describe('a run', () => {
  it('keeps what the service says of a query that it refuses, and does not log it', async () => {
    const message = "Failed to resolve column 'SecretName'";
    const rig = createHuntRig(() => ({ status: 400, body: { error: { code: 'BadRequest', message } } }));
    const { id } = await rig.request();
    await rig.settle();
    expect(await rig.state(id)).toMatchObject({
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
    expect(await rig.state(id)).toMatchObject({ state: 'succeeded', rows: 1 });
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
    expect(await rig.state(id)).toMatchObject({ state: 'succeeded' });
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
    expect(await rig.state(id)).toMatchObject({ failure: { code: 'hunt.abandoned' } });
    expect(rig.wire.sent).toHaveLength(4);
  });

  it('ends as failed in a tenant that is disabled', async () => {
    const rig = createHuntRig(() => body(), { enabled: false });
    const { id } = await rig.request();
    await rig.settle();
    expect(await rig.state(id)).toMatchObject({ state: 'failed', failure: { code: 'tenant.disabled' } });
    expect(rig.wire.sent).toHaveLength(0);
  });

  it('ends as failed when it waited longer than anybody would', async () => {
    const rig = createHuntRig(() => ({ status: 429, body: { error: { message: 'CPU' } } }));
    const { id } = await rig.request();
    await rig.settle();
    const run = await rig.state(id);
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'hunt.expired' } });
    expect((run?.endedMs ?? 0) - (run?.requestedMs ?? 0)).toBeGreaterThan(6 * 3_600_000);
    expect((run?.endedMs ?? 0) - (run?.requestedMs ?? 0)).toBeLessThan(7 * 3_600_000);
  });

  it('shows what it waits for', async () => {
    const rig = createHuntRig(() => ({ status: 429, body: { error: { message: 'CPU' } } }));
    const { id } = await rig.request();
    await rig.clock.run(runHunt(rig.direct, rig.store.messages[0]?.text));
    const run = await rig.state(id);
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
    expect(await rig.state(id)).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
    await rig.settle();
    expect(rig.wire.sent).toHaveLength(0);
    const other = await rig.request();
    await rig.settle();
    await recordPoisonedHunt(rig.direct, rig.store.messages[1]?.text);
    expect(await rig.state(other.id)).toMatchObject({ state: 'succeeded' });
    await recordPoisonedHunt(rig.direct, 'no message of ours');
  });
});
