import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { createXdrHunting } from '../../shared/clients/xdr-hunting.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import type { HuntAnswer, HuntCall } from '../../shared/hunting/ports.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { createFakeWire, type Reply, repliesInTurn } from './fake-wire.ts';
import { failureOf, TENANT } from './harness.ts';

function onWire(...replies: (Reply | Parameters<typeof createFakeWire>[0])[]) {
  const clock = createJumpingClock();
  const [first] = replies;
  const wire = createFakeWire(typeof first === 'function' ? first : repliesInTurn(...(replies as Reply[])));
  const tokens: (string | undefined)[] = [];
  const transport = createTransport({
    getToken: async ({ resource, refused }) => {
      tokens.push(refused);
      return `token ${tokens.length} for ${resource}`;
    },
    clock,
    version: '1.2.3',
    pace: createPace({ clock }),
    httpClient: wire,
  });
  const options = { transport, clock, cloud: CLOUDS.global };
  return { clock, wire, tokens, graph: createGraphHunting(options), xdr: createXdrHunting(options) };
}

const QUERY: HuntCall = { tenant: TENANT, text: 'DeviceInfo | where DeviceName == "ä"', timespan: 'P7D' };

async function readAll(answer: HuntAnswer) {
  const rows: string[] = [];
  for await (const some of answer.rows) rows.push(...some);
  return { rows, columns: answer.schema(), incomplete: answer.incomplete(), bytes: answer.bytes() };
}

const refusedWith = (message: string, status = 400): Reply => ({
  status,
  body: { error: { code: 'BadRequest', message, innerError: { 'request-id': 'r-1' } } },
});

describe('hunting through Microsoft Graph', () => {
  it('sends query and timespan, and gives the rows as they were written', async () => {
    const row = '{"ReportId@odata.type":"#Int64","ReportId":9007199254740993,"t":null,"e":""}';
    const body = `{"schema":[{"name":"ReportId","type":"Int64"}],"results":[${row}]}`;
    const { graph, wire } = onWire({ body });
    const read = await readAll(await graph.run(QUERY));
    expect(read).toEqual({
      rows: [row],
      columns: [{ name: 'ReportId', type: 'Int64' }],
      incomplete: undefined,
      bytes: Buffer.byteLength(body),
    });
    expect(wire.sent).toMatchObject([
      { method: 'POST', url: 'https://graph.microsoft.com/v1.0/security/runHuntingQuery' },
    ]);
    expect(wire.sent[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(String(wire.sent[0]?.body))).toEqual({ Query: QUERY.text, Timespan: 'P7D' });
  });

  it('gives rows on before the body is at its end, and knows the columns by then', async () => {
    const body = new Readable({ read() {} });
    const { graph } = onWire({ body });
    const answer = await graph.run(QUERY);
    body.push('{"schema":[{"name":"a","type":"Int64"}],"results":[{"a":1},');
    const rows = answer.rows[Symbol.asyncIterator]();
    expect((await rows.next()).value).toEqual(['{"a":1}']);
    expect(answer.schema()).toEqual([{ name: 'a', type: 'Int64' }]);
    expect(answer.incomplete()).toBeUndefined();
    body.push('{"a":2}]}');
    body.push(null);
    expect((await rows.next()).value).toEqual(['{"a":2}']);
    expect((await rows.next()).done).toBe(true);
  });

  it('reads a schema that comes after the rows, and does without one', async () => {
    const after = onWire({ body: '{"results":[{"b":1}],"schema":[{"Name":"b","Type":"long"},{"x":1}]}' });
    expect((await readAll(await after.graph.run(QUERY))).columns).toEqual([{ name: 'b', type: 'long' }]);
    const none = onWire({ body: '{"results":[{"b":1}]}' });
    expect((await readAll(await none.graph.run(QUERY))).columns).toEqual([]);
  });

  it('ends the request when the reader leaves, and when it is aborted', async () => {
    const body = new Readable({ read() {} });
    body.push('{"results":[{"a":1},');
    const { graph } = onWire({ body });
    for await (const rows of (await graph.run(QUERY)).rows) {
      expect(rows).toEqual(['{"a":1}']);
      break;
    }
    expect(body.destroyed).toBe(true);

    const stop = new AbortController();
    const second = onWire({ body: new Readable({ read() {} }) });
    const answer = await second.graph.run({ ...QUERY, signal: stop.signal });
    const reading = readAll(answer);
    stop.abort(new Error('no longer wanted'));
    await expect(reading).rejects.toThrow('no longer wanted');
  });

  it('fails when the body breaks off, falls silent or is not whole', async () => {
    const broken = new Readable({ read() {} });
    broken.push('{"results":[{"a":1},');
    const cut = onWire({ body: broken });
    const answer = await cut.graph.run(QUERY);
    const reading = readAll(answer);
    broken.destroy(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    await failureOf(reading, 'upstream.unreachable');

    const silent = onWire({ body: new Readable({ read() {} }) });
    const waiting = silent.clock.run(async () => readAll(await silent.graph.run(QUERY)));
    await failureOf(waiting, 'upstream.timeout');

    const short = onWire({ body: '{"results":[{"a":1}' });
    await failureOf(readAll(await short.graph.run(QUERY)), 'upstream.unusable_answer');
  });

  it.each([
    [
      'says so by an error',
      '{"results":[],"error":{"code":"PartialError"}}',
      '"error": {"code":"PartialError"}',
    ],
    ['names exceptions', '{"results":[],"Exceptions":["limit"]}', '"Exceptions"'],
    ['links to more', '{"results":[],"@odata.nextLink":"https://x"}', '@odata.nextLink'],
    ['is marked', '{"results":[],"isTruncated":true}', 'isTruncated'],
    ['has 100,000 rows', `{"results":[${'{},'.repeat(99_999)}{}]}`, '100000 rows'],
    [
      'has 50 MB',
      `{"results":[{"a":"${'x'.repeat(25_000_000)}"},{"a":"${'x'.repeat(25_000_000)}"}]}`,
      'bytes',
    ],
  ])('knows an answer as incomplete that %s', async (_why, body, said) => {
    const { graph } = onWire({ body: Buffer.from(body) });
    expect((await readAll(await graph.run(QUERY))).incomplete).toContain(said);
  });

  it('takes empty members of these names, and 99,999 rows, for a whole answer', async () => {
    const { graph } = onWire({
      body: `{"error":null,"warnings":[],"isPartial":false,"results":[${'{},'.repeat(99_998)}{}]}`,
    });
    const read = await readAll(await graph.run(QUERY));
    expect(read.rows).toHaveLength(99_999);
    expect(read.incomplete).toBeUndefined();
  });

  it.each([
    [
      "'where' operator: Failed to resolve scalar expression named 'TimeoutPeriod timed out'",
      'hunt.query_refused',
    ],
    ['A recognition error occurred.', 'hunt.query_refused'],
    ['Query exceeded the timeout period.', 'hunt.time_limit'],
    [
      'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again.',
      'hunt.result_too_large',
    ],
    [
      'Query execution has exceeded the allowed limits. The query execution was preempted. This could possibly be due to high CPU and/or memory resource consumption.',
      'hunt.resources_exceeded',
    ],
  ] as const)('tells a refusal by its words: %s', async (message, code) => {
    const { graph, wire } = onWire(refusedWith(message));
    const error = await failureOf(graph.run(QUERY), code);
    expect(error.facts).toMatchObject({ serviceMessage: message, trackingId: 'r-1', tenant: TENANT });
    expect(error.message).not.toContain(message);
    expect(wire.sent).toHaveLength(1);
  });

  it('shows no control characters of a message, nor all of an endless one', async () => {
    const { graph } = onWire(refusedWith(`bad\u001b[31m\nline ${'x'.repeat(5_000)}`));
    const { facts } = await failureOf(graph.run(QUERY), 'hunt.query_refused');
    expect(facts.serviceMessage).toMatch(/^bad \[31m line x+…$/);
    expect(facts.serviceMessage?.length).toBe(2_001);
  });

  it.each([
    ['API calls quota exceeded! maximum allowed 45 per 00:01:00', 'hunt.call_quota', 60_000],
    ['Too many requests.', 'hunt.call_quota', 60_000],
    // At 12:00 sharp the next cycle begins at 12:15.
    ['You have exceeded processing resources allocated to this tenant.', 'hunt.cpu_quota', 900_000],
    ['CPU quota exceeded', 'hunt.cpu_quota', 900_000],
  ] as const)(
    'tells the quota of a 429 apart, and leaves the wait to the caller: %s',
    async (message, code, wait) => {
      const { graph, wire } = onWire(refusedWith(message, 429));
      const error = await failureOf(graph.run(QUERY), code);
      expect(error.facts.retryAfterMs).toBe(wait);
      expect(wire.sent).toHaveLength(1);
    },
  );

  it('waits as long as the service asks', async () => {
    const reply = { ...refusedWith('Too many requests', 429), headers: { 'retry-after': '17' } };
    const error = await failureOf(onWire(reply).graph.run(QUERY), 'hunt.call_quota');
    expect(error.facts.retryAfterMs).toBe(17_000);
    const cpu = { ...refusedWith('CPU', 429), headers: { 'retry-after': '1800' } };
    expect((await failureOf(onWire(cpu).graph.run(QUERY), 'hunt.cpu_quota')).facts.retryAfterMs).toBe(
      1_800_000,
    );
  });

  it('repeats what failed quickly, each time in its turn, but not what ran long', async () => {
    const quick = onWire({ status: 503 }, { fault: 'ECONNRESET' }, { body: '{"results":[]}' });
    let turns = 0;
    let calls = 0;
    const query = {
      ...QUERY,
      turn: async () => {
        turns += 1;
      },
      onCall: () => {
        calls += 1;
      },
    };
    expect((await quick.clock.run(async () => readAll(await quick.graph.run(query)))).rows).toEqual([]);
    expect([turns, calls, quick.wire.sent.length]).toEqual([3, 3, 3]);

    const slow = onWire({ hangs: true });
    await slow.clock.run(failureOf(slow.graph.run(QUERY), 'hunt.time_limit'));
    expect(slow.wire.sent).toHaveLength(1);
    const gateway: ReturnType<typeof onWire> = onWire(async () => {
      await gateway.clock.sleep(120_000);
      return { status: 504, body: { error: { code: 'UnknownError', message: '' } } };
    });
    await gateway.clock.run(failureOf(gateway.graph.run(QUERY), 'hunt.time_limit'));
    expect(gateway.wire.sent).toHaveLength(1);
  });

  it('asks for one new token on 401, and names the permission on 403', async () => {
    const renewed = onWire({ status: 401 }, { body: '{"results":[]}' });
    await readAll(await renewed.graph.run(QUERY));
    expect(renewed.tokens).toEqual([undefined, 'token 1 for graph']);
    await failureOf(onWire({ status: 401 }).graph.run(QUERY), 'upstream.unauthorized');
    const error = await failureOf(onWire({ status: 403 }).graph.run(QUERY), 'upstream.forbidden');
    expect(error.message).toContain('ThreatHunting.Read.All');
  });
});

describe('hunting through the Defender XDR API', () => {
  it('sends the query alone, and reads capitals', async () => {
    const { xdr, wire } = onWire({
      body: '{"Stats":{"x":1},"Schema":[{"Name":"A","Type":"Int64"}],"Results":[{"A":1}]}',
    });
    expect(await readAll(await xdr.run(QUERY))).toMatchObject({
      rows: ['{"A":1}'],
      columns: [{ name: 'A', type: 'Int64' }],
      incomplete: undefined,
    });
    expect(wire.sent[0]?.url).toBe('https://api.security.microsoft.com/api/advancedhunting/run');
    expect(JSON.parse(String(wire.sent[0]?.body))).toEqual({ Query: QUERY.text });
    expect(xdr).toMatchObject({ takesTimespan: false, retiresOn: '2027-02-01' });
  });

  it('is over from 1 February 2027 on', async () => {
    const { xdr, wire, clock } = onWire({ body: '{"Results":[]}' });
    clock.advance(Date.parse('2027-01-31T23:59:59Z') - clock.now());
    await readAll(await xdr.run(QUERY));
    clock.advance(1_000);
    const error = await failureOf(xdr.run(QUERY), 'hunt.endpoint_retired');
    expect(error.message).toContain('huntingApi');
    expect(wire.sent).toHaveLength(1);
  });
});
