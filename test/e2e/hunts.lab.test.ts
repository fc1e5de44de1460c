import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { defaultHuntSettings } from '../../lab/hunting/settings.ts';
import { expectProblem } from '../http/expect-problem.ts';
import type { Answer, CallOptions } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { type HuntingApp, startHuntingApp } from './hunting-app.ts';
import { findLeaks } from './leaks.ts';
import './moving-time.ts'; // First, since modules keep `Date.now`.

const MINUTE = 60_000;
const READ = { roles: ['Hunts.Read'] };
const EVENTS =
  'DeviceEvents | where ActionType == "UsbDriveMounted" | project Timestamp, DeviceName, ReportId, FileName';
/** Its name decides how long its messages wait in this tenant: two seconds of at most thirty. */
const SCHEDULED = 'usb-mounted';
const LIBRARY = `id: ${SCHEDULED}
name: A USB drive was mounted
schedule: { cron: "0 */5 * * * *", lookback: P1D }
tenants: [Fabrikam]
query: |
  ${EVENTS}
keys: [DeviceName]
`;

let app: HuntingApp;
let tenant = '';
const secrets: string[] = [];
beforeAll(async () => {
  // Early in a quarter of an hour: what is parked until the next one has some way to go.
  const aheadMs = 15 * MINUTE - (Date.now() % (15 * MINUTE)) + 31_000;
  const library = { [`${SCHEDULED}.yaml`]: LIBRARY };
  app = await startHuntingApp({ library, aheadMs, onSecret: (secret) => secrets.push(secret) });
  tenant = app.cloud.world.tenants[0]?.id ?? '';
});
afterEach(() => {
  app.cloud.defender.hunting.clear();
  Object.assign(app.cloud.defender.settings, defaultHuntSettings());
});
afterAll(() => app?.stop());

interface Run {
  readonly runId: string;
  readonly state: string;
  readonly statusUrl: string;
  readonly rowsUrl: string;
  readonly rowCount: number;
  readonly requestedAt: string;
  readonly beganAt?: string;
  readonly waitsUntil?: string;
  readonly waitsFor?: string;
  readonly slices: readonly { readonly from: string; readonly to: string; readonly rows: number }[];
  readonly truncation?: { readonly reason: string; readonly text: string; readonly advice: string };
  readonly failure?: { readonly code: string; readonly text: string; readonly serviceMessage?: string };
}

const hunt = (body: CallOptions['body'], headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  app.call(`/api/tenants/${tenant}/hunts`, {
    method: 'POST',
    roles: ['Hunts.Run', 'Hunts.Read'],
    body,
    headers,
  });
const rowsOf = (run: Run, accept: string): Promise<Answer> =>
  app.call(run.rowsUrl, { ...READ, headers: { accept } });
const linesOf = async (run: Run): Promise<string[]> =>
  (await rowsOf(run, 'application/x-ndjson')).text.trimEnd().split('\n');
const at = (minutesAgo: number): string =>
  new Date(Date.now() - minutesAgo * MINUTE).toISOString().replace('Z', '0000Z');
const row = (minutesAgo: number, device: string, report = 1): string =>
  `{"Timestamp":"${at(minutesAgo)}","DeviceName":"${device}","ReportId":${report},"FileName":null}`;

async function answered(answer: Promise<Answer>): Promise<Run> {
  const { status, text } = await answer;
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

describe('a scheduled query', () => {
  interface Finding {
    readonly id: string;
    readonly state: string;
    readonly count: number;
    readonly lastSeenAt: string;
    readonly sequence: number;
    readonly row: { readonly DeviceName: string };
  }

  async function findings(): Promise<readonly Finding[]> {
    const answer = await app.call(`/api/findings?tenant=${tenant}&query=${SCHEDULED}`, READ);
    expect(answer.status, answer.text).toBe(200);
    return answer
      .json<{ value: Finding[] }>()
      .value.toSorted((one, other) => one.row.DeviceName.localeCompare(other.row.DeviceName));
  }

  /** The timer's tick, up to the findings of the run that it led to. */
  async function tick(): Promise<unknown> {
    const { length } = app.events('findings.stored');
    await app.trigger('enqueue-due-hunts');
    return (await app.until('findings.stored', length + 1)).at(-1);
  }

  test('that is due brings new findings once, and sees known ones again when it is due again', async () => {
    const { hunting } = app.cloud.defender;
    // Two rows of one device are one finding.
    await hunting.setRows({
      query: EVENTS,
      tenant,
      rows: [row(30, 'a', 1), row(20, 'b', 2), row(10, 'a', 3)],
    });
    expect(await tick()).toMatchObject({ announced: 2, seenAgain: 0, rows: 3, whole: true });
    const first = await findings();
    expect(first).toMatchObject([
      { state: 'open', count: 1, row: { DeviceName: 'a' } },
      { state: 'open', count: 1, row: { DeviceName: 'b' } },
    ]);
    const feed = await app.feed(tenant);
    expect(feed.map(({ columns }) => columns.finding).sort()).toEqual(first.map(({ id }) => id).sort());
    expect(feed.map(({ columns }) => columns.queryId)).toEqual([SCHEDULED, SCHEDULED]);

    // Not due yet: the message is read, and there is nothing to do.
    const runs = app.events('hunt.begun').length;
    await app.trigger('enqueue-due-hunts');
    await hunting.setRows({ query: EVENTS, tenant, rows: [row(1, 'b', 4), row(1, 'c', 5)], add: true });
    await app.move(5 * MINUTE);
    expect(await tick()).toMatchObject({ announced: 1, seenAgain: 2, rows: 5, whole: true });
    expect(app.events('hunt.begun').length).toBe(runs + 1);
    const second = await findings();
    expect(second).toMatchObject([
      { id: first[0]?.id, count: 2, sequence: first[0]?.sequence },
      { id: first[1]?.id, count: 2, sequence: first[1]?.sequence },
      { count: 1, row: { DeviceName: 'c' } },
    ]);
    const [before = '', after = ''] = [first[0]?.lastSeenAt, second[0]?.lastSeenAt];
    expect(Date.parse(after) - Date.parse(before)).toBeGreaterThanOrEqual(5 * MINUTE);
    expect((await app.feed(tenant)).slice(0, 2)).toEqual(feed);
    expect((await app.feed(tenant)).slice(2).map(({ columns }) => columns.finding)).toEqual([second[2]?.id]);
  });
});

describe('a hunt on demand', () => {
  /** As the service writes them: numbers beyond 2^53, null against an empty text, what JSON escapes. */
  const ROWS = [
    `{"Timestamp":"${at(9)}","DeviceName":"=1+1","ReportId":9223372036854775807,"FileName":null}`,
    `{"Timestamp":"${at(8)}","DeviceName":"a, \\"b\\"\\u2028","ReportId":-9007199254740993,"FileName":""}`,
    `{"Timestamp":"${at(7)}","DeviceName":"日本 🚀","ReportId":1,"FileName":"c"}`,
  ];

  test('has exactly the rows that the service has, in every form', async () => {
    const query = `${EVENTS} | extend OnDemand = 1`;
    await app.cloud.defender.hunting.setRows({ query, rows: ROWS });
    const answer = await hunt({ query, timespan: 'PT1H' });
    const run = await answered(Promise.resolve(answer));
    expect(run).toMatchObject({ state: 'succeeded', rowCount: 3, truncated: false });
    expect(answer.text).toContain(`"rows":[${ROWS.join(',')}]`);
    expect((await rowsOf(run, 'application/json')).text).toContain(`"rows":[${ROWS.join(',')}]`);
    expect(await linesOf(run)).toEqual(ROWS);
    const csv = (await rowsOf(run, 'text/csv')).text.split('\r\n');
    expect(csv[0]).toBe('Timestamp,DeviceName,ReportId,FileName,OnDemand');
    expect(csv.slice(1)).toEqual([
      expect.stringMatching(/Z,'=1\+1,9223372036854775807,,$/),
      expect.stringMatching(/Z,"a, ""b""\u2028",-9007199254740993,"",$/),
      expect.stringMatching(/Z,日本 🚀,1,c,$/),
      '',
    ]);
  });
});

describe('an answer over the limit', () => {
  /** Many of one moment each, so that ends of slices meet rows. */
  const many = (): string[] =>
    Array.from({ length: 400 }, (_, place) => row(100 - (place % 90), `d${place}`, place));

  test.each(['both', 'neither'] as const)(
    'is whole from slices, whose ends the service takes as %s',
    async (ends) => {
      const query = `${EVENTS} | where DeviceName != "${ends}"`;
      const rows = many();
      await app.cloud.defender.hunting.setRows({ query, rows });
      Object.assign(app.cloud.defender.settings, {
        huntRowLimit: 150,
        huntCutSays: 'exceptions',
        huntTimespanEnds: ends,
      });
      const run = await answered(hunt({ query, timespan: 'PT2H' }));
      expect(run).toMatchObject({ state: 'succeeded', rowCount: 400, truncated: false });
      expect(run.slices.length).toBeGreaterThan(2);
      expect((await linesOf(run)).sort()).toEqual(rows.sort());
    },
  );

  test('that cannot be sliced says in every form that it is cut, and what to change', async () => {
    const query = `${EVENTS} | top 10000 by ReportId`;
    await app.cloud.defender.hunting.setRows({ query, rows: many() });
    Object.assign(app.cloud.defender.settings, { huntRowLimit: 150, huntCutSays: 'exceptions' });
    const answer = await hunt({ query, timespan: 'PT2H' });
    const run = await answered(Promise.resolve(answer));
    expect(run).toMatchObject({ state: 'truncated', truncated: true, rowCount: 150, slices: [] });
    expect(run.truncation?.advice).toMatch(/could not read the query in slices of time/);
    const forms = ['application/json', 'application/x-ndjson', 'text/csv'];
    const all = [answer, ...(await Promise.all(forms.map((form) => rowsOf(run, form))))];
    for (const { headers } of all) expect(headers.get('outrider-truncated')).toBe(run.truncation?.reason);
    const last = JSON.parse((await linesOf(run)).at(-1) ?? '');
    expect(last).toMatchObject({ _outrider: { truncation: run.truncation } });
  });
});

describe('a query that the service refuses although the check accepts it', () => {
  test('fails with the service’s own words, which are kept', async () => {
    const query = 'DeviceEvents | where DeviceName == 5 | project Timestamp, DeviceName';
    const checked = await app.call('/api/queries/check', { ...READ, method: 'POST', body: { query } });
    expect(checked.json()).toMatchObject({ ok: true });
    const run = await answered(hunt({ query }));
    expect(run).toMatchObject({ state: 'failed' });
    expect(run.failure?.serviceMessage).toMatch(/string/i);
    const again = await answered(app.call(run.statusUrl, READ));
    expect(again.failure).toEqual(run.failure);
    expect(app.log.map(({ message }) => message).join('\n')).not.toContain(run.failure?.serviceMessage);
  });
});

describe('who may hunt', () => {
  test.each([
    ['POST', '/api/tenants/TENANT/hunts', 'Hunts.Read'],
    ['POST', '/api/hunts', 'Hunts.Read'],
    ['GET', '/api/findings?tenant=TENANT', 'Incidents.Read'],
    ['GET', '/api/queries', 'Incidents.Read'],
    ['DELETE', '/api/hunts/TENANT_0000000000123456789abcdef', 'Hunts.Read'],
  ])('%s %s needs more than %s, and a token', async (method, path, role) => {
    const place = path.replace('TENANT', tenant);
    const body = method === 'POST' ? { query: EVENTS } : undefined;
    expect((await app.call(place, { method, body })).status).toBe(401);
    expectProblem(await app.call(place, { method, body, roles: [role] }), 403, 'request.forbidden');
  });
});

// Last, for the tenant's hunting is parked then.
describe('a hunt whose quota is used up', () => {
  /** The message of the run's next turn comes when it is due: storage has its own time. */
  async function deliver({ runId, requestedAt }: Run): Promise<void> {
    const handed = app.events('hunt.handed_on').findLast(({ run }) => run === runId);
    const message = { v: 1, tenant, run: runId, turn: handed?.turn, requestedMs: Date.parse(requestedAt) };
    await app.trigger('run-hunt', JSON.stringify(message));
  }

  const reached = (run: Run, state: string): Promise<Run> => {
    let seen = '';
    return waitFor(
      async () => {
        seen = (await app.call(run.statusUrl, READ)).text;
        const now: Run = JSON.parse(seen);
        return now.state === state ? now : undefined;
      },
      () => seen,
    );
  };

  test.each([
    ['calls', /hunting calls/, (began: number) => began + MINUTE],
    ['cpu', /CPU share/, (began: number) => began + 15 * MINUTE - (began % (15 * MINUTE))],
  ] as const)('of %s waits until there is some again, and then succeeds', async (kind, why, until) => {
    const query = `${EVENTS} | where FileName != "${kind}"`;
    const { hunting } = app.cloud.defender;
    await hunting.setRows({ query, rows: [row(1, 'a')] });
    await hunting.failNext({ tenant, kind });
    const asked = await hunt({ query, timespan: 'PT1H' }, { prefer: 'wait=0' });
    expect(asked.status, asked.text).toBe(202);
    const waiting = await reached(asked.json<object>() as Run, 'throttled');
    expect(waiting.waitsFor).toMatch(why);
    const waitsUntil = Date.parse(waiting.waitsUntil ?? '');
    const earliest = until(Date.parse(waiting.beganAt ?? ''));
    // What the service asks for comes in whole seconds, and is counted from its answer.
    expect(waitsUntil).toBeGreaterThanOrEqual(earliest - 1_000);
    // Runs that wait go on at most a quarter of a minute apart; the rest is how long the call took to be refused.
    expect(waitsUntil).toBeLessThan(earliest + 30_000);
    await app.move(waitsUntil - Date.now() + 1_000);
    await deliver(waiting);
    expect(await reached(waiting, 'succeeded')).toMatchObject({ rowCount: 1, calls: 2 });
  });
});

test('nothing tried to leave the lab, and no token or query is in the log', () => {
  expect(app.cloud.refused()).toEqual([]);
  const lines = app.log.map(({ message }) => message);
  expect(secrets.length).toBeGreaterThan(2);
  expect(findLeaks(secrets, lines)).toEqual([]);
  expect(lines.join('\n')).not.toContain('UsbDriveMounted');
});
