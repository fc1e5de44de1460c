import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from './expect-problem.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';

const READ = { roles: ['Hunts.Read'] };
const QUERY = 'DeviceEvents | project Timestamp, DeviceName, ReportId, FileName';

let app: OutriderApp;
let tenant = '';
beforeAll(async () => {
  app = await startOutrider();
  tenant = app.cloud.world.tenants[0]?.id ?? '';
});
afterAll(() => app?.stop());

const post = (path: string, body: CallOptions['body'], headers: Readonly<Record<string, string>> = {}) =>
  app.call(path, { method: 'POST', roles: ['Hunts.Run', 'Hunts.Read'], body, headers });
const hunt = (body: object, headers?: Readonly<Record<string, string>>): Promise<Answer> =>
  post(`/api/tenants/${tenant}/hunts`, body, headers);
const errorsOf = (answer: Answer, code = 'request.invalid'): unknown =>
  expectProblem(answer, 400, code).errors;

describe('what is wrong with a hunt', () => {
  test.each<[string, CallOptions['body'], RegExp]>([
    ['no JSON', '{"query":', /must be JSON in UTF-8/],
    ['nothing', '', /must be JSON in UTF-8/],
    ['no object', '[1]', /must be one JSON object/],
    ['UTF-16', new Uint8Array(Buffer.from('{"query":"print 1"}', 'utf16le')), /must be JSON in UTF-8/],
    ['deep nesting', '['.repeat(100_000), /must be JSON in UTF-8/],
    ['no query', {}, /query, queryId: one of the two is needed/],
    ['two queries', { query: 'print 1', queryId: 'x' }, /query, queryId: one of the two is needed/],
    [
      'another field',
      { query: 'print 1', timeSpan: 'P1D' },
      /timeSpan: not a field here; did you mean timespan\?/,
    ],
    ['another type', { query: 7 }, /query: must be a text/],
    ['no list of parameters', { queryId: 'x', parameters: [] }, /parameters: must be a JSON object/],
    [
      'too many rows',
      { query: 'print 1', maxRows: 1_000_001 },
      /maxRows: must be a whole number from 1 to 1000000/,
    ],
    ['a long timespan', { query: 'print 1', timespan: 'P31D' }, /P31D.* longer than 30 days/],
    ['no timespan', { query: 'print 1', timespan: 'yesterday' }, /"?yesterday"? is not a timespan/],
    ['an unknown query', { queryId: 'device-files-to-usp' }, /Did you mean device-files-to-usb\?/],
  ])('is told: %s', async (_name, body, words) => {
    const answer = await post(`/api/tenants/${tenant}/hunts`, body);
    expect(expectProblem(answer, 400, 'request.invalid').detail).toMatch(words);
  });

  test('is told of parameters, all at once', async () => {
    const parameters = { LeastFiles: 'many', Colour: 'blue' };
    const answer = await hunt({ queryId: 'device-files-to-usb', parameters });
    expect(errorsOf(answer, 'hunt.parameter_invalid')).toEqual([
      expect.stringMatching(/^"Colour" is not one of its parameters/),
      expect.stringMatching(/^"LeastFiles" \(long\) /),
    ]);
  });

  test('is told with its place in the query’s own text, and nothing is sent', async () => {
    const answer = await hunt({ query: '// first\nDeviceInf\n| where DeviceName == "x"' });
    const { diagnostics } = expectProblem(answer, 400, 'hunt.query_invalid');
    expect(diagnostics).toEqual([
      expect.objectContaining({ code: 'KS204', line: 2, column: 1, endColumn: 10, suggestion: 'DeviceInfo' }),
    ]);
    expect(errorsOf(answer, 'hunt.query_invalid')).toEqual([expect.stringMatching(/^2:1: KS204 /)]);
  });

  test.each([
    ['1 MB', `print "${'x'.repeat(1_000_000)}"`, 'KQL108'],
    ['10,000 parentheses', `print ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'KQL109'],
    ['a null character', 'print "a\0b"', 'KQL107'],
    ['a management command', '.show tables', 'KQL102'],
  ])('is one clear finding: %s', async (_name, query, code) => {
    const { diagnostics } = expectProblem(await hunt({ query }), 400, 'hunt.query_invalid');
    expect(diagnostics).toMatchObject([{ code, severity: 'error' }]);
  });

  test('is told when it is too large to be read', async () => {
    const answer = await hunt({ query: 'x'.repeat(4 * 1024 * 1024) });
    expectProblem(answer, 413, 'request.too_large');
  });

  test('is told of an idempotency key that is none', async () => {
    const answer = await hunt({ query: QUERY }, { 'idempotency-key': 'x'.repeat(201) });
    expect(errorsOf(answer)).toEqual(['Idempotency-Key: must have 1 to 200 printable ASCII characters.']);
  });
});

test.each([
  'x',
  '11111111-1111-4111-8111-111111111111_000000000zzzzzzzzzzzzzzzz',
  '99999999-9999-4999-8999-999999999999_0000000000123456789abcdef',
])('the run %s is unknown', async (run) => {
  for (const path of [`/api/hunts/${run}`, `/api/hunts/${run}/rows`])
    expectProblem(await app.call(path, READ), 404, 'request.not_found');
  const cancel = { method: 'DELETE', roles: ['Hunts.Run'] };
  expectProblem(await app.call(`/api/hunts/${run}`, cancel), 404, 'request.not_found');
});

describe('the library', () => {
  test('is listed in pages, with what the check says, and the last run of a tenant', async () => {
    const asked = await hunt({ queryId: 'DEVICE-FILES-TO-USB', parameters: { LeastFiles: 7 } });
    expect(asked.json()).toMatchObject({ queryId: 'device-files-to-usb', state: 'succeeded' });
    const ids: string[] = [];
    let next: string | undefined = `/api/queries?top=20&tenant=${tenant}`;
    const lastRuns: Record<string, string> = {};
    while (next !== undefined && ids.length < 200) {
      const page: {
        value: { id: string; check: object; lastRun?: { state: string } }[];
        problems: unknown[];
        nextLink?: string;
      } = (await app.call(next, READ)).json();
      expect(page.problems).toEqual([]);
      for (const { id, check, lastRun } of page.value) {
        ids.push(id);
        expect(check).toMatchObject({ ok: true, errors: 0 });
        if (lastRun) lastRuns[id] = lastRun.state;
      }
      next = page.nextLink;
    }
    expect(ids.length).toBeGreaterThanOrEqual(20);
    expect(new Set(ids).size).toBe(ids.length);
    expect(lastRuns).toEqual({ 'device-files-to-usb': 'succeeded' });
  });

  test('shows one query whole', async () => {
    const answer = await app.call('/api/queries/Device-Files-To-Usb', READ);
    expect(answer.json()).toMatchObject({
      id: 'device-files-to-usb',
      file: 'device-files-to-usb.yaml',
      text: expect.stringContaining('DeviceFileEvents'),
      check: { ok: true, tables: expect.arrayContaining(['DeviceFileEvents']) },
      lastRuns: [{ tenantId: tenant, state: 'succeeded' }],
    });
    expect(answer.text).not.toContain('/tmp/');
    const absent = await app.call('/api/queries/device-files-to-usp', READ);
    expect(expectProblem(absent, 404, 'request.not_found').detail).toMatch(
      /Did you mean device-files-to-usb\?/,
    );
  });
});

describe('the check', () => {
  test('says what is wrong where, and what comes out', async () => {
    const query = 'DeviceInfo\n| where DeviceNam == who and OSBuild > 1\n| project DeviceName, OSBuild';
    const bad = await post('/api/queries/check', { query, parameters: [{ name: 'who', type: 'string' }] });
    expect(bad.status, bad.text).toBe(200);
    expect(bad.json()).toMatchObject({
      ok: false,
      errors: 1,
      diagnostics: [{ line: 2, column: 9, endLine: 2, endColumn: 18, suggestion: 'DeviceName' }],
    });
    const good = await post('/api/queries/check', {
      query: query.replace('DeviceNam ', 'DeviceName '),
      parameters: [{ name: 'who', type: 'string' }],
    });
    expect(good.json()).toMatchObject({
      ok: true,
      errors: 0,
      columns: [
        { name: 'DeviceName', type: 'string' },
        { name: 'OSBuild', type: 'long' },
      ],
      tables: ['DeviceInfo'],
    });
  });

  test('names every fault of what it is asked', async () => {
    const answer = await post('/api/queries/check', {
      platform: 'kusto',
      keys: [],
      parameters: [{ name: 'a b', type: 'text', lists: true }],
    });
    expect(errorsOf(answer)).toEqual([
      'query: is missing.',
      'parameters: each needs a name of letters, digits and underscores.',
      expect.stringMatching(/^parameters\[0\]\.type: must be one of string, int/),
      'parameters[0].lists: not a field here; did you mean list?',
      'platform: must be one of xdr, sentinel.',
      'keys: must be a list of 1 to 100 texts.',
    ]);
  });
});

test('no query is in the log', () => {
  expect(app.log.length).toBeGreaterThan(50);
  expect(app.log.map(({ message }) => message).join('\n')).not.toMatch(/project Timestamp|DeviceInf/);
});
