import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createGraphHunting } from '../../../shared/clients/graph-hunting.ts';
import { createXdrHunting } from '../../../shared/clients/xdr-hunting.ts';
import { CLOUDS } from '../../../shared/clouds.ts';
import { huntAsUser } from '../../../shared/hunting/ask/hunt-as-user.ts';
import type { PreparedHunt } from '../../../shared/hunting/ask/prepare-hunt.ts';
import { createQuota } from '../../../shared/hunting/quota/stored-quota.ts';
import type { Reply } from '../../clients/fake-wire.ts';
import { failureOf, onWire } from '../../clients/harness.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { CHECK, QUERY } from '../run/model-service.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const HUNT: PreparedHunt = { text: QUERY, check: CHECK, origin: 'adhoc', askedBy: 'anna' };
const bodyOf = (rows: readonly string[], more = '') =>
  `{"schema":[{"name":"N","type":"Int64"}],"results":[${rows.join(',')}]${more}}`;

/** One tenant, its quota and the wire, in virtual time. */
function createRig(reply: Reply | (() => Reply), { legacy = false } = {}) {
  const { clock, wire, transport } = onWire(() => (typeof reply === 'function' ? reply() : reply));
  const store = createMemoryStore({ now: clock.now });
  const source = (legacy ? createXdrHunting : createGraphHunting)({ transport, clock, cloud: CLOUDS.global });
  const quota = createQuota({ table: store.table, clock });
  const hunt = (change: Partial<PreparedHunt> = {}, mostChars = 1_000) =>
    clock.run(huntAsUser({ source, quota, clock }, TENANT, { ...HUNT, ...change }, { mostChars }));
  return { clock, store, wire, quota, hunt };
}

describe('a hunt in a user’s name', () => {
  it('is one call, as it was asked, and its rows as the service wrote them', async () => {
    const { wire, hunt, store } = createRig({ body: bodyOf(['{"N":9007199254740993}', '{"N": 1.0}']) });
    const found = await hunt({ timespan: 'P7D' });
    expect(found).toMatchObject({
      state: 'succeeded',
      rows: ['{"N":9007199254740993}', '{"N": 1.0}'],
      columns: [{ name: 'N', type: 'Int64' }],
      calls: 1,
    });
    expect(wire.sent.map(({ body }) => JSON.parse(String(body)))).toEqual([
      { Query: QUERY, Timespan: 'P7D' },
    ]);
    expect(found.truncation).toBeUndefined();
    expect(store.messages).toEqual([]);
    expect([...(await keysOf(store))]).toEqual(['q']);
  });

  it('takes its calls from the tenant’s quota, and says when there are none', async () => {
    const { clock, quota, hunt, wire } = createRig({ body: bodyOf([]) });
    await clock.run(quota.park(TENANT, 'calls', clock.now() + 60_000));
    const error = await failureOf(hunt(), 'hunt.call_quota');
    expect(error.facts.retryAfterMs).toBeGreaterThan(55_000);
    expect(wire.sent).toEqual([]);
  });

  it('that is told to wait lets all others of the tenant wait, too', async () => {
    const { hunt, wire } = createRig({ status: 429, headers: { 'retry-after': '120' }, body: '{}' });
    await failureOf(hunt(), 'hunt.call_quota');
    await failureOf(hunt(), 'hunt.call_quota');
    expect(wire.sent).toHaveLength(1);
  });

  it.each([
    [
      'cut off by the service',
      bodyOf(['{"N":1}'], ',"error":{"code":"PartialError"}'),
      {},
      1_000,
      'service',
      1,
    ],
    ['with more rows than asked for', bodyOf(['{"N":1}', '{"N":2}']), { maxRows: 1 }, 1_000, 'maxRows', 1],
    ['too large for one answer', bodyOf(['{"N":1}', '{"N":2}', '{"N":3}']), {}, 15, 'bytes', 2],
  ])('%s is never shown as whole', async (_name, body, change, mostChars, reason, count) => {
    const found = await createRig({ body }).hunt(change, mostChars);
    expect(found).toMatchObject({ state: 'truncated', truncation: { reason } });
    expect(found.rows).toHaveLength(count);
  });

  it('with exactly the rows that were asked for is whole', async () => {
    expect(await createRig({ body: bodyOf(['{"N":1}']) }).hunt({ maxRows: 1 }, 7)).toMatchObject({
      state: 'succeeded',
      rows: ['{"N":1}'],
    });
  });

  it.each([
    ['Query exceeded the timeout period.', 'hunt.time_limit'],
    ['Query execution has exceeded the allowed result size.', 'hunt.result_too_large'],
    ['The query execution was preempted.', 'hunt.resources_exceeded'],
  ] as const)(
    'refused with “%s” is not sliced: %s says to use application context',
    async (message, code) => {
      const { hunt, wire } = createRig({ status: 400, body: { error: { code: 'BadRequest', message } } });
      const error = await failureOf(hunt(), code);
      expect(error.message).toMatch(/In application context \(without actAs\)/);
      expect(error.facts.serviceMessage).toBe(message);
      expect(wire.sent).toHaveLength(1);
    },
  );

  it('ends after 200 seconds, whether there is no answer or no end of one', async () => {
    const silent = createRig({ hangs: true });
    const began = silent.clock.now();
    const error = await failureOf(silent.hunt(), 'user.app_context_needed');
    expect(error.message).toMatch(/longer than 200 seconds.*application context/);
    expect(silent.clock.now() - began).toBe(200_000);

    const endless = createRig(() => ({ body: Readable.from(dripping()) }));
    const from = endless.clock.now();
    await failureOf(endless.hunt(), 'user.app_context_needed');
    expect(endless.clock.now() - from).toBe(200_000);

    async function* dripping() {
      yield Buffer.from('{"results":[');
      for (let row = 0; ; row += 1) {
        yield Buffer.from(`{"N":${row}},`);
        await endless.clock.sleep(10_000);
      }
    }
  });

  it('on the endpoint that takes no timespan has it in its text, or is refused before anything is sent', async () => {
    const { hunt, wire } = createRig({ body: bodyOf([]) }, { legacy: true });
    await hunt({ timespan: 'P1D' });
    expect(JSON.parse(String(wire.sent[0]?.body))).toMatchObject({
      Query: expect.stringContaining('| where Timestamp >= datetime(2026-11-20T12:00:00.0000000Z)'),
    });
    const check = { ...CHECK, slicing: { possible: false, reason: 'it sorts' } } as const;
    await failureOf(hunt({ timespan: 'P1D', check }), 'request.invalid');
    expect(wire.sent).toHaveLength(1);
  });

  it.each([{ timespan: 'yesterday' }, { timespan: 'P31D' }, { maxRows: 0 }])(
    '%j is refused before anything is sent',
    async (change) => {
      const { hunt, wire } = createRig({ body: bodyOf([]) });
      await failureOf(hunt(change), 'request.invalid');
      expect(wire.sent).toEqual([]);
    },
  );
});

async function keysOf(store: ReturnType<typeof createMemoryStore>): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const rows of store.table.range(TENANT, '', '~')) for (const { key } of rows) keys.add(key);
  return keys;
}
