import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../lab/cloud.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { expectProblem } from './expect-problem.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';

const READ = { roles: ['Hunts.Read'] };
const QUERY = 'DeviceEvents | project Timestamp, DeviceName, ReportId, FileName';
const NOW = Date.now();
/** As the service writes them: a number beyond 2^53, a formula, null and an empty text. */
const ROWS = [
  `{"Timestamp":"${at(3)}","DeviceName":"=cmd|' /C calc'!A0","ReportId":9223372036854775807,"FileName":null}`,
  `{"Timestamp":"${at(2)}","DeviceName":"a, \\"b\\"","ReportId":-5,"FileName":""}`,
  `{"Timestamp":"${at(1)}","DeviceName":"x","ReportId":1,"FileName":"c","Extra":"more"}`,
];

function at(minutesAgo: number): string {
  return new Date(NOW - minutesAgo * 60_000).toISOString().replace('Z', '0000Z');
}

/** The second customer still hunts through the Defender XDR API. */
function secondHuntsByXdr({ env }: Cloud): Record<string, string> {
  const tenants: object[] = JSON.parse(env.OUTRIDER_TENANTS ?? '[]');
  const changed = tenants.map((tenant, index) => (index === 1 ? { ...tenant, huntingApi: 'xdr' } : tenant));
  return { OUTRIDER_TENANTS: JSON.stringify(changed) };
}

let app: OutriderApp;
let tenants: readonly string[] = [];
let tenant = '';
beforeAll(async () => {
  app = await startOutrider({ settings: secondHuntsByXdr });
  tenants = app.cloud.world.tenants.map(({ id }) => id);
  [tenant = ''] = tenants;
  await app.cloud.defender.hunting.setRows({ query: QUERY, rows: ROWS });
});
afterAll(() => app?.stop());

interface Run {
  readonly runId: string;
  readonly state: string;
  readonly statusUrl: string;
  readonly rowsUrl: string;
  readonly truncated: boolean;
}

const post = (path: string, body: CallOptions['body'], headers: Readonly<Record<string, string>> = {}) =>
  app.call(path, { method: 'POST', roles: ['Hunts.Run', 'Hunts.Read'], body, headers });
const hunt = (body: object, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
  post(`/api/tenants/${tenant}/hunts`, body, headers);
/** Rows of a JSON answer as they are written there. */
const rowsIn = ({ text }: Answer): string | undefined =>
  /"rows":\[(.*)\]/s.exec(text)?.[1]?.replace(/\],"nextLink.*/s, '');
const errorsOf = (answer: Answer, code = 'request.invalid'): unknown =>
  expectProblem(answer, 400, code).errors;

describe('a hunt', () => {
  let run: Run;

  test('is answered with its rows, as the service wrote them', async () => {
    const answer = await hunt({ query: QUERY, timespan: 'P1D' });
    expect(answer.status, answer.text).toBe(200);
    run = answer.json<Run & Record<string, unknown>>();
    expect(run).toMatchObject({
      tenantId: tenant,
      state: 'succeeded',
      truncated: false,
      rowCount: 3,
      origin: 'adhoc',
      query: QUERY,
      timespan: 'P1D',
    });
    expect(rowsIn(answer)?.split('},{').length).toBe(3);
    expect(answer.text).toContain('"ReportId":9223372036854775807,');
    expect(answer.headers.get('outrider-truncated')).toBeNull();
  });

  test('can be looked at again, without the rows', async () => {
    const answer = await app.call(run.statusUrl, READ);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ runId: run.runId, state: 'succeeded', rowCount: 3 });
    expect(answer.json()).not.toHaveProperty('rows');
  });

  test('has rows as JSON in pages, following nextLink', async () => {
    const seen: unknown[] = [];
    let next: string | undefined = `${run.rowsUrl}?top=2`;
    for (let pages = 0; next !== undefined && pages < 3; pages++) {
      const answer = await app.call(next, READ);
      const page: { rows: unknown[]; nextLink?: string } = answer.json();
      seen.push(...page.rows);
      next = page.nextLink;
    }
    expect(seen).toMatchObject([{ FileName: null }, { FileName: '' }, { Extra: 'more' }]);
    expect(next).toBeUndefined();
  });

  test('has rows as NDJSON, with a Link to the next page', async () => {
    const headers = { accept: 'application/x-ndjson' };
    const whole = await app.call(run.rowsUrl, { ...READ, headers });
    expect(whole.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(
      whole.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).DeviceName),
    ).toHaveLength(3);
    expect(whole.headers.get('link')).toBeNull();
    const first = await app.call(`${run.rowsUrl}?top=2`, { ...READ, headers });
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await app.call(link, { ...READ, headers });
    expect(first.text + second.text).toBe(whole.text);
  });

  test('has rows as CSV that no spreadsheet takes for formulas', async () => {
    const answer = await app.call(run.rowsUrl, { ...READ, headers: { accept: 'text/csv' } });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const [header, ...lines] = answer.text.split('\r\n');
    expect(header).toMatch(/^Timestamp,DeviceName,ReportId,FileName,/);
    expect(lines[0]).toContain(`,'=cmd|' /C calc'!A0,9223372036854775807,,`);
    expect(lines[1]).toContain(',"a, ""b""",-5,"",');
    expect(lines[2]).toMatch(/,x,1,c,.*more/);
    expect(lines[3]).toBe('');
  });

  test('has no rows in another form', async () => {
    const answer = await app.call(run.rowsUrl, { ...READ, headers: { accept: 'text/html' } });
    expectProblem(answer, 406, 'request.not_acceptable');
  });

  test('that is cut off says so in every form', async () => {
    const answer = await hunt({ query: QUERY, timespan: 'P1D', maxRows: 2 });
    const cut = answer.json<Run & Record<string, unknown>>();
    expect(cut).toMatchObject({ state: 'truncated', truncated: true, truncation: { reason: 'maxRows' } });
    const [status, json, ndjson, csv] = await Promise.all([
      app.call(cut.statusUrl, READ),
      app.call(cut.rowsUrl, READ),
      app.call(cut.rowsUrl, { ...READ, headers: { accept: 'application/x-ndjson' } }),
      app.call(cut.rowsUrl, { ...READ, headers: { accept: 'text/csv' } }),
    ]);
    for (const each of [answer, status, json, ndjson, csv])
      expect(each.headers.get('outrider-truncated')).toBe('maxRows');
    expect(json.json()).toMatchObject({ truncated: true, truncation: { reason: 'maxRows' }, rowCount: 2 });
    const lines = ndjson.text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ _outrider: { truncation: { reason: 'maxRows' } } });
    expect(csv.headers.get('content-disposition')).toMatch(/-truncated\.csv"$/);
  });

  test('with an idempotency key is one run, and the key stands for nothing else', async () => {
    const key = { 'idempotency-key': 'one and the same' };
    const ids = [await hunt({ query: QUERY }, key), await hunt({ query: QUERY }, key)];
    expect(new Set(ids.map((answer) => answer.json<Run & Record<string, unknown>>().runId)).size).toBe(1);
    expectProblem(await hunt({ query: `${QUERY} | take 1` }, key), 409, 'hunt.key_reused');
  });

  test('of the library has its parameters bound', async () => {
    const answer = await hunt({ queryId: 'DEVICE-FILES-TO-USB', parameters: { LeastFiles: 7 } });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json()).toMatchObject({ queryId: 'device-files-to-usb', parameters: { LeastFiles: 7 } });
    expect(answer.json().query).toMatch(/^let LeastFiles = long\(7\);\n/);
  });
});

describe('a hunt across tenants', () => {
  test('has one answer for each, and tells which failed', async () => {
    const [, failing = ''] = tenants;
    await app.cloud.defender.hunting.failNext({ tenant: failing, kind: 'size' });
    const answer = await post('/api/hunts', { query: `${QUERY} | summarize count()` });
    expect(answer.status, answer.text).toBe(200);
    const { hunts, statusUrl, ...head } = answer.json<{
      hunts: (Run & { tenantId: string; rows?: unknown[]; truncation?: { advice: string } })[];
      statusUrl: string;
    }>();
    expect(head).toMatchObject({ complete: false, counts: { succeeded: tenants.length - 1, failed: 1 } });
    expect(hunts.map(({ tenantId }) => tenantId).sort()).toEqual([...tenants].sort());
    for (const { tenantId, state, rows } of hunts) {
      expect([state, rows === undefined]).toEqual(
        tenantId === failing ? ['failed', true] : ['succeeded', false],
      );
    }
    const again = await app.call(statusUrl, READ);
    expect(again.json()).toEqual(answer.json());
  });

  test('goes to the tenants that are named', async () => {
    const { name } = app.cloud.world.tenants[1] ?? { name: '' };
    const answer = await post('/api/hunts', { query: QUERY, tenants: [tenant, name.toUpperCase(), tenant] });
    const { hunts } = answer.json<{ hunts: { tenantId: string }[] }>();
    expect(hunts.map(({ tenantId }) => tenantId)).toEqual(tenants.slice(0, 2));
  });

  test('names every tenant that is not there, and every fault at once', async () => {
    const unknown = '99999999-9999-4999-8999-999999999999';
    const answer = await post('/api/hunts', { query: QUERY, tenants: [unknown, 'nobody', tenant] });
    expect(errorsOf(answer)).toEqual([
      `tenants: there is no tenant "${unknown}".`,
      'tenants: there is no tenant "nobody".',
    ]);
    expectProblem(await app.call('/api/hunts/groups/0123', READ), 404, 'request.not_found');
  });
});

test('a tenant that still hunts by the Defender XDR API gets the same rows, and the log says until when', async () => {
  const answer = await post(`/api/tenants/${tenants[1]}/hunts`, { query: QUERY, timespan: 'P1D' });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.json()).toMatchObject({ state: 'succeeded', rowCount: 3 });
  expect(answer.text).toContain('"ReportId":9223372036854775807,');
  const called = app.cloud.log.entries().filter(({ tenant: whose }) => whose === tenants[1]);
  const paths = called.map(({ path }) => path).filter((path) => /hunting/i.test(path));
  expect(new Set(paths)).toEqual(new Set(['/api/advancedhunting/run']));
  expect((await app.logged('hunt.endpoint_retires')).message).toContain('2027-02-01');
});

// Last, for the tenant's hunting is parked then.
describe('a hunt of a tenant whose quota is used up', () => {
  test('is followed, and can be cancelled', async () => {
    await app.cloud.defender.hunting.failNext({ tenant, kind: 'cpu' });
    const asked = await hunt({ query: QUERY, timespan: 'PT1H' }, { prefer: 'wait=0' });
    expect(asked.status, asked.text).toBe(202);
    const { runId, statusUrl } = asked.json<Run & Record<string, unknown>>();
    expect(asked.headers.get('location')).toBe(statusUrl);
    expect(Number(asked.headers.get('retry-after'))).toBeGreaterThan(0);
    const waiting = await waitFor(
      async () => {
        const answer = await app.call(statusUrl, READ);
        return answer.json<Run & Record<string, unknown>>().state === 'throttled' ? answer : undefined;
      },
      () => statusUrl,
    );
    expect(waiting.status).toBe(202);
    expect(waiting.headers.get('retry-after')).toBe('30');
    expect(waiting.headers.get('location')).toBe(statusUrl);
    expectProblem(await app.call(`${statusUrl}/rows`, READ), 409, 'hunt.not_ready');
    const cancel = () => app.call(statusUrl, { method: 'DELETE', roles: ['Hunts.Run'] });
    expect((await cancel()).json()).toMatchObject({ runId, state: 'cancelled' });
    expect((await cancel()).json()).toMatchObject({ runId, state: 'cancelled' });
    expect((await app.call(statusUrl, READ)).status).toBe(200);
  });
});

test('nothing tried to leave the lab, and no query is in the log', () => {
  expect(app.cloud.refused()).toEqual([]);
  expect(app.log.map(({ message }) => message).join('\n')).not.toContain('project Timestamp');
});
