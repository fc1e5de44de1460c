import { describe, expect, test } from 'vitest';
import { type HuntAnswer, type HuntLab, startHuntLab, TENANT, XDR } from '../support.ts';

const QUERY = 'DeviceEvents | project Timestamp, ReportId';

const short = ({ status, error, headers }: HuntAnswer) => [status, error?.message, headers['retry-after']];

describe('calls', () => {
  const MESSAGE = 'API calls quota exceeded! maximum allowed 45 per 00:01:00';

  test('45 a minute of a tenant, through both endpoints, refused ones included', async () => {
    const lab = startHuntLab({ huntCallsPerMinute: 45 });
    for (let n = 0; n < 44; n += 1) await lab.post(n % 2 ? {} : { Query: 'x' }, n % 3 ? XDR : undefined);
    lab.clock.forward(20_000);
    expect((await lab.hunt(QUERY)).status).toBe(200);
    expect(short(await lab.hunt(QUERY))).toEqual([429, MESSAGE, '40']);
    expect(short(await lab.post({ Query: QUERY }, XDR))).toEqual([429, MESSAGE, '40']);
    lab.clock.forward(39_999);
    expect((await lab.hunt(QUERY)).status).toBe(429);
    lab.clock.forward(1);
    expect((await lab.hunt(QUERY)).status).toBe(200);
  });

  test('another tenant has its own, and Retry-After may be missing', async () => {
    const lab = startHuntLab({ huntCallsPerMinute: 1, huntRetryAfter: false });
    await lab.hunt(QUERY);
    const refused = await lab.hunt(QUERY);
    expect(refused.status).toBe(429);
    expect(refused.headers).not.toHaveProperty('retry-after');
    if (!lab.judge.verdict.ok) throw new Error('no caller');
    const { caller } = lab.judge.verdict;
    lab.judge.verdict = { ok: true, caller: { ...caller, appId: 'app-2' } };
    expect((await lab.hunt(QUERY)).status).toBe(429);
    lab.judge.verdict = { ok: true, caller: { ...caller, tenantId: 'other' } };
    expect((await lab.hunt(QUERY)).status).toBe(200);
  });

  test('an hour’s quota where the setting has one', async () => {
    const lab = startHuntLab({ huntCallsPerHour: 2 });
    await lab.hunt(QUERY);
    await lab.hunt(QUERY);
    expect(short(await lab.hunt(QUERY))).toEqual([
      429,
      'API calls quota exceeded! maximum allowed 2 per 01:00:00',
      '3600',
    ]);
  });
});

describe('CPU', () => {
  test('a tenant that has used its share waits for the next quarter of an hour', async () => {
    const lab = startHuntLab({ huntCpuMsPerCycle: 1_000, huntCpuMs: 400 });
    lab.clock.forward(5 * 60_000);
    for (let n = 0; n < 3; n += 1) expect((await lab.hunt(QUERY)).status).toBe(200);
    expect(lab.defender.hunting.cpuPercent(TENANT)).toBe(120);
    const refused = await lab.hunt(QUERY);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '600']);
    expect(refused.error?.message).toMatch(/CPU.*100%.*15-minute cycle/);
    expect((await lab.post({ Query: QUERY }, XDR)).status).toBe(429);
    lab.clock.forward(10 * 60_000 - 1);
    expect((await lab.hunt(QUERY)).status).toBe(429);
    lab.clock.forward(1);
    expect((await lab.hunt(QUERY)).status).toBe(200);
    expect(lab.defender.hunting.cpuPercent(TENANT)).toBe(40);
  });

  test('may be set, and costs what a rule says', async () => {
    const lab = startHuntLab({ huntCpuMsPerCycle: 1_000 });
    lab.defender.hunting.setCpu({ tenant: TENANT, percent: 100 });
    expect((await lab.hunt(QUERY)).status).toBe(429);
    lab.defender.hunting.setCpu({ tenant: TENANT, percent: 99 });
    await lab.defender.hunting.rule({ query: QUERY, cpuMs: 500 });
    expect((await lab.hunt(QUERY)).status).toBe(200);
    expect(lab.defender.hunting.cpuPercent(TENANT)).toBe(149);
  });
});

describe('size and time', () => {
  test('more than 100,000 rows are cut, with nothing said', async () => {
    const lab = startHuntLab({ huntRowLimit: 100 });
    const { status, rows, text } = await lab.hunt(QUERY);
    expect([status, rows.length]).toEqual([200, 100]);
    const all = await startHuntLab().hunt(QUERY);
    expect(rows).toEqual(all.rows.slice(0, 100));
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['@odata.context', 'schema', 'results']);
  });

  test.each([
    ['exceptions', (answer: HuntAnswer) => JSON.parse(answer.text) as object, 'exceptions'],
    ['error', (answer: HuntAnswer) => JSON.parse(answer.text) as object, 'error'],
    ['header', (answer: HuntAnswer) => answer.headers, 'warning'],
    ['status', ({ status }: HuntAnswer) => ({ [status]: true }), '206'],
  ] as const)('a cut answer says so by %s, a whole one does not', async (huntCutSays, look, name) => {
    const lab = startHuntLab({ huntCutSays, huntRowLimit: 5 });
    expect(look(await lab.hunt(QUERY))).toHaveProperty(name);
    expect(look(await lab.post({ Query: QUERY }, XDR))).toHaveProperty(name);
    const whole = await lab.hunt(`${QUERY} | take 5`);
    expect(whole.rows).toHaveLength(5);
    expect(look(whole)).not.toHaveProperty(name);
  });

  test('above the limit of bytes the whole hunt is refused, or cut to whole rows', async () => {
    const lab = startHuntLab({ huntByteLimit: 10_000 });
    expect(short(await lab.hunt(QUERY))).toEqual([
      400,
      'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again.',
      undefined,
    ]);
    lab.defender.settings.huntOverBytes = 'cut';
    const { rows, text } = await lab.hunt(QUERY);
    expect(rows.length).toBeGreaterThan(50);
    expect(text.length).toBeLessThan(10_000 + 300);
    expect(text.length).toBeGreaterThan(9_800);
  });

  test('a query that takes longer than 3 minutes fails, without anybody waiting', async () => {
    const lab = startHuntLab();
    await lab.defender.hunting.rule({ query: QUERY, runMs: 180_001 });
    expect(short(await lab.hunt(QUERY, 'P1D'))).toEqual([504, '', undefined]);
    expect((await lab.hunt(`${QUERY} | take 3`)).status).toBe(200);
    lab.defender.settings.huntTimeoutStatus = 400;
    expect((await lab.hunt(QUERY)).status).toBe(400);
    await lab.defender.hunting.rule({ query: QUERY, runMs: 180_000 });
    expect((await lab.hunt(QUERY)).status).toBe(200);
  });
});

describe('what hunts are told', () => {
  const rowsOf = async (lab: HuntLab, query = QUERY) => (await lab.hunt(query)).rows;

  test('given rows, by tenant before by all, to the last digit', async () => {
    const lab = startHuntLab();
    const { hunting } = lab.defender;
    await hunting.setRows({ query: QUERY, rows: [{ N: 1 }, { N: 2 }] });
    expect(await rowsOf(lab)).toEqual([{ N: 1 }, { N: 2 }]);
    await hunting.setRows({ query: QUERY, tenant: TENANT, rows: ['{"N":12345678901234567890.10}'] });
    expect((await lab.hunt(QUERY)).text).toContain('"results":[{"N":12345678901234567890.10}]');
    await hunting.setRows({ query: QUERY, tenant: TENANT, rows: [] });
    expect(await rowsOf(lab)).toEqual([]);
    expect(hunting.state().stored).toHaveLength(2);
    hunting.clear();
    expect((await rowsOf(lab)).length).toBeGreaterThan(100);
    await expect(hunting.setRows({ rows: [] })).rejects.toThrow('query or hash');
    await expect(hunting.setRows({ query: 'Nope', rows: [] })).rejects.toThrow('Nope');
    await expect(hunting.setRows({ query: QUERY, rows: ['[]'] })).rejects.toThrow('object');
  });

  test('added rows are found, late ones from when they arrive', async () => {
    const lab = startHuntLab();
    const { hunting } = lab.defender;
    const hash = await hunting.hashOf(QUERY);
    const at = (minutes: number) => new Date(lab.clock.now() - minutes * 60_000).toISOString();
    await hunting.setRows({ hash, rows: [{ '@time': at(50), N: 1 }] });
    await hunting.setRows({
      hash,
      add: true,
      rows: [
        { '@time': at(55), N: 0 },
        { '@time': at(10), N: 2 },
      ],
    });
    expect(await rowsOf(lab)).toEqual([{ N: 0 }, { N: 1 }, { N: 2 }]);
    expect((await lab.hunt(QUERY, 'PT30M')).rows).toEqual([{ N: 2 }]);
    await hunting.setRows({ hash, add: true, rows: [{ '@time': at(20), '@visible': at(-5), N: 3 }] });
    expect(await rowsOf(lab)).toHaveLength(3);
    lab.clock.forward(6 * 60_000);
    expect(await rowsOf(lab)).toEqual([0, 1, 3, 2].map((N) => ({ N })));
  });

  test('rates of rows, narrower rules before wider', async () => {
    const lab = startHuntLab();
    const { hunting } = lab.defender;
    await hunting.rule({ rowsPerHour: 0, rowBytes: 300 });
    await hunting.rule({ query: QUERY, rowsPerHour: 1 });
    await hunting.rule({ query: QUERY, tenant: 'other', rowsPerHour: 9 });
    expect(await rowsOf(lab)).toHaveLength(720);
    expect(await rowsOf(lab, 'DeviceFileEvents')).toEqual([]);
    await hunting.rule({ query: QUERY, tenant: TENANT, rowsPerHour: 0.5 });
    expect(Math.abs((await rowsOf(lab)).length - 360)).toBeLessThan(80);
  });

  test.each([
    ['calls', 429, /API calls quota/],
    ['cpu', 429, /CPU quota/],
    ['time', 504, /^$/],
    ['size', 400, /allowed result size/],
    ['error', 503, /told to fail/],
  ] as const)('the next hunt fails by %s, the one after does not', async (kind, status, message) => {
    const lab = startHuntLab();
    await lab.defender.hunting.failNext({ query: QUERY, tenant: TENANT, kind, status: 503 });
    expect((await lab.hunt('DeviceFileEvents | take 1')).status).toBe(200);
    const failed = await lab.hunt(QUERY);
    expect(failed.status).toBe(status);
    expect(failed.error?.message).toMatch(message);
    expect((await lab.hunt(QUERY)).status).toBe(200);
  });

  test('an incomplete answer has the first half, and says so', async () => {
    const lab = startHuntLab({ huntCutSays: 'exceptions' });
    const whole = await rowsOf(lab);
    await lab.defender.hunting.failNext({ kind: 'incomplete', times: 2 });
    const half = await lab.hunt(QUERY);
    expect(half.rows).toEqual(whole.slice(0, Math.floor(whole.length / 2)));
    expect(half.text).toContain('"exceptions"');
    expect((await lab.hunt(QUERY)).text).toContain('"exceptions"');
    expect((await lab.hunt(QUERY)).rows).toEqual(whole);
  });
});
