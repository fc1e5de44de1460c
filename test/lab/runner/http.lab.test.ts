import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PackagedApp, packageApp, type RunningApp, runApp } from './run-app.ts';

const HTTP_ONLY = [
  'echo',
  'literal',
  'files',
  'bytes',
  'stream',
  'cookies',
  'nothing',
  'throws',
  'slow',
  'print',
  'needs-setting',
];

let app: PackagedApp;
let runner: RunningApp;

beforeAll(async () => {
  app = await packageApp({ fixture: 'sample-app.ts', host: { functions: HTTP_ONLY, misspelt: {} } });
  runner = await runApp(app.directory, { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '6000000' });
});
afterAll(async () => {
  await runner.stop();
  await app.remove();
});

const call = (path: string, init?: RequestInit) => fetch(`${runner.ready.url}${path}`, init);

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly params: Record<string, string>;
  readonly query: [string, string][];
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly traceParent: string;
  readonly hooks: string[];
}
const echo = async (path: string, init?: RequestInit): Promise<Echo> =>
  (await call(path, init)).json() as Promise<Echo>;

/** A response header by header as it came, which fetch would tidy. */
function raw(
  path: string,
  method = 'GET',
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(runner.ready.url);
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.rawHeaders, body }),
      );
    });
    outgoing.on('error', reject).end();
  });
}

describe('requests', () => {
  test('parameters, query, headers, body and trace context reach the handler', async () => {
    const received = await echo('/api/echo/42/Some%20Part?a=1&B=%C3%A4&empty=&a=2', {
      method: 'POST',
      headers: {
        'X-Own': 'value',
        'content-type': 'application/json',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
      body: '{"text":"grüße"}',
    });
    expect(received).toMatchObject({
      method: 'POST',
      url: `${runner.ready.url}/api/echo/42/Some%20Part?a=1&B=%C3%A4&empty=&a=2`,
      params: { id: '42', part: 'Some Part' },
      query: [
        ['a', '1,2'],
        ['B', 'ä'],
        ['empty', ''],
      ],
      body: '{"text":"grüße"}',
      traceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    expect(received.headers).toMatchObject({ 'x-own': 'value', 'content-type': 'application/json' });
  });

  test('an optional parameter may be missing, an encoded slash stays encoded', async () => {
    expect((await echo('/api/echo/-3')).params).toEqual({ id: '-3' });
    expect((await echo('/api/echo/5/a%2Fb')).params).toEqual({ id: '5', part: 'a%2Fb' });
  });

  test('a binary body of 5 MB goes in and out unharmed', async () => {
    const bytes = randomBytes(5_000_000);
    const answer = await call('/api/bytes', { method: 'POST', body: bytes });
    const received = Buffer.from(await answer.arrayBuffer()).reverse();
    expect(createHash('sha256').update(received).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  });

  test('a body over the limit is refused with 413', async () => {
    const answer = await call('/api/bytes', { method: 'POST', body: Buffer.alloc(20_000_000) });
    expect(answer.status).toBe(413);
  });

  test('a client that leaves takes nothing down', async () => {
    await expect(call('/api/slow', { signal: AbortSignal.timeout(200) })).rejects.toThrow();
    await runner.entry((entry) => entry.functionName === 'slow' && entry.outcome === 'ok');
    expect((await call('/api/echo/latest')).status).toBe(200);
  });
});

describe('routes', () => {
  test('are matched without regard to case, the most specific first', async () => {
    expect(await (await call('/API/Echo/LATEST')).text()).toBe('the literal');
    expect((await echo('/api/ECHO/7')).params).toEqual({ id: '7' });
  });

  test.each(['user@evil.example', '/api/echo/1?', 'a b', 'host:99999', 'host#'])(
    'a host that is none (%s) is refused before any function',
    async (host) => {
      const answer = await raw('/api/echo/latest', 'GET', { host });
      expect(answer).toMatchObject({ status: 400, body: '' });
    },
  );

  test.each(['http://user@host/api/echo/latest', 'ftp://host/api/echo/latest', '*'])(
    'a target that is no page (%s) is refused',
    async (target) => {
      expect(await raw(target)).toMatchObject({ status: 400, body: '' });
    },
  );

  test('a catch-all takes the rest of the path, or nothing', async () => {
    expect(await (await call('/api/files/a/b%20c/d.txt')).text()).toBe('a/b c/d.txt');
    expect(await (await call('/api/files')).text()).toBe('none');
  });

  test.each([
    ['an unknown route', 'GET', '/api/nowhere'],
    ['no prefix', 'GET', '/echo/5'],
    ['a failed constraint', 'GET', '/api/echo/abc'],
    ['too many segments', 'GET', '/api/echo/5/a/b'],
    ['a method that is not registered', 'DELETE', '/api/echo/5'],
    ['HEAD for a function of GET', 'HEAD', '/api/echo/latest'],
    ['a function that could not be indexed', 'GET', '/api/needs-setting'],
  ])('%s is 404 without a body', async (_, method, path) => {
    const answer = await raw(path, method);
    expect(answer.status).toBe(404);
    expect(answer.body).toBe('');
    expect(answer.headers).toContain('0');
  });

  test('OPTIONS and HEAD reach functions that registered them; HEAD has no body', async () => {
    expect((await echo('/api/echo/1', { method: 'OPTIONS' })).method).toBe('OPTIONS');
    const head = await raw('/api/files/abc', 'HEAD');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers.map((text) => text.toLowerCase())).toContain('content-length');
  });

  test('a path that cannot be decoded is 400', async () => {
    expect((await raw('/api/files/%zz')).status).toBe(400);
  });
});

describe('responses', () => {
  test('carry the function’s status and headers and nothing of the runner’s', async () => {
    const answer = await call('/api/bytes', { method: 'POST', body: 'abc' });
    expect(answer.status).toBe(201);
    const names = [...answer.headers.keys()].filter(
      (name) => !['date', 'connection', 'keep-alive'].includes(name),
    );
    expect(names).toEqual(['content-length', 'content-type', 'x-own']);
    expect(answer.headers.get('content-type')).toBe('application/x-thing');
    expect(await answer.text()).toBe('cba');
  });

  test('a stream is sent whole', async () => {
    expect(await (await call('/api/stream')).text()).toBe('one two');
  });

  test('cookies are written as the host writes them', async () => {
    expect((await call('/api/cookies')).headers.getSetCookie()).toEqual([
      'a=x%20y; max-age=60; path=/api; secure; samesite=lax; httponly',
      'b=2; expires=Fri, 02 Jan 1970 00:00:00 GMT; path=/',
    ]);
  });

  test('nothing returned is 204', async () => {
    expect(await raw('/api/nothing')).toMatchObject({ status: 204, body: '' });
  });

  test('an exception is 500 with an empty body, and its stack is in the log', async () => {
    const answer = await raw('/api/throws');
    expect(answer).toMatchObject({ status: 500, body: '' });
    const entry = await runner.entry(
      (candidate) => candidate.functionName === 'throws' && candidate.outcome === 'failed',
    );
    expect(entry).toMatchObject({
      level: 'error',
      message: expect.stringContaining('it broke'),
      stack: expect.stringContaining('app.js'),
    });
    expect(runner.log).toContainEqual(
      expect.objectContaining({ source: 'app', message: 'about to fail', invocationId: entry.invocationId }),
    );
    expect(runner.log.map((candidate) => candidate.message)).not.toContain('a detail');
  });
});

test('hooks run around every invocation', async () => {
  await call('/api/stream');
  const { hooks } = await echo('/api/echo/1');
  expect(hooks[0]).toBe('appStart');
  expect(hooks).toContain('pre stream');
  expect(hooks).toContain('post stream pre');
  expect(hooks.slice(-2)).toEqual(['pre echo', 'post echo pre']);
});

test('stdout carries the ready line alone, whatever the app prints', async () => {
  await call('/api/print');
  await runner.entry((entry) => entry.source === 'console' && entry.message === 'a printed line');
  await runner.entry((entry) => entry.message === 'raw: raw output');
  expect(runner.stdout().trimEnd().split('\n')).toHaveLength(1);
});

test('what is wrong at the start is said, and the rest runs', () => {
  expect(runner.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      functionName: 'needs-setting',
      message: 'cannot run: its route is %NOT_SET%, but the app setting NOT_SET is not set',
    }),
  );
  expect(runner.log).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      message: expect.stringContaining('"misspelt" is not a setting'),
    }),
  );
  expect(runner.ready.functions.map((fn) => fn.name)).toEqual(HTTP_ONLY.slice(0, -1));
});

test('routePrefix may be empty, ES modules load, and SIGTERM lets an answer under way go out', async () => {
  const other = await packageApp({
    fixture: 'sample-app.ts',
    format: 'esm',
    host: {
      functions: ['slow'],
      extensions: { http: { routePrefix: '', customHeaders: { 'x-content-type-options': 'nosniff' } } },
    },
  });
  const esm = await runApp(other.directory);
  const answer = fetch(`${esm.ready.url}/slow`);
  await esm.entry((entry) => entry.functionName === 'slow');
  const code = await esm.stop();
  const response = await answer;
  expect(await response.text()).toBe('late');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(code).toBe(0);
  expect(esm.log.at(-1)).toMatchObject({ source: 'console', message: 'appTerminate ran' });
  await other.remove();
});
