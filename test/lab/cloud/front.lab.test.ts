import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { networkEnvironment, processEnvironment } from '../../../lab/environment.ts';
import type { LabAnswer, LabRequest, LabService } from '../../../lab/service.ts';
import { type AskOptions, askThrough, type Reply } from './ask-through.ts';
import { type Frame, startFrame } from './harness.ts';

const LAB_TIME = Date.UTC(2031, 4, 6, 7, 8, 9);
const MAX_BODY_BYTES = 64 * 1024;

let frame: Frame;
let seen: LabRequest[] = [];
let answer: LabAnswer = { status: 200, body: { ok: true } };

const echo: LabService = {
  name: 'echo',
  hosts: ['echo.example.com', 'xn--echo-exact.example.org'],
  tenantOf: ({ headers }) => headers['x-tenant'],
  async handle(request) {
    seen.push(request);
    if (answer.status === 599) throw new Error('a defect of the stand-in');
    return answer;
  },
};

beforeAll(async () => {
  frame = await startFrame({ services: [echo], now: () => LAB_TIME, maxBodyBytes: MAX_BODY_BYTES });
});
afterEach(() => {
  frame.faults.clear();
  seen = [];
  answer = { status: 200, body: { ok: true } };
});
afterAll(() => frame.stop());

/** Runs a piece of script as a process of the lab: what it prints as JSON. */
async function inLab(script: string, env: Record<string, string> = {}): Promise<unknown> {
  const lab = networkEnvironment({ proxyUrl: frame.proxy.url, authorityFile: frame.authorityFile });
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...processEnvironment(lab, process.env), ...env },
  });
  return JSON.parse(stdout);
}

const ask = (path: string, options?: AskOptions): Promise<Reply> => askThrough(frame, path, options);

describe('a process with the lab’s environment', () => {
  test('reaches a stand-in by fetch and by https with its certificate checked', async () => {
    const result = await inLab(`
      import { get } from 'node:https';
      const byFetch = await (await fetch('https://echo.example.com/a?b=1', { method: 'POST', body: 'ü' })).json();
      const byHttps = await new Promise((resolve, reject) =>
        get('https://echo.example.com/c', (r) => { r.resume(); resolve([r.statusCode, r.socket.authorized]); }).on('error', reject));
      console.log(JSON.stringify({ byFetch, byHttps }));`);
    expect(result).toEqual({ byFetch: { ok: true }, byHttps: [200, true] });
    expect(seen[0]).toMatchObject({ method: 'POST', rawTarget: '/a?b=1' });
    expect(seen[0]?.url.href).toBe('https://echo.example.com/a?b=1');
    expect(seen[0]?.body.toString()).toBe('ü');
  });

  test('does not trust the lab without its authority', async () => {
    const code = await inLab(
      `console.log(JSON.stringify(await fetch('https://echo.example.com/').catch((e) => e.cause.code)));`,
      { NODE_EXTRA_CA_CERTS: '' },
    );
    expect(code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('reaches nothing else, and what it tried is on record', async () => {
    const before = frame.proxy.refused().length;
    const outcomes = await inLab(`
      const tries = ['https://example.com/', 'https://echo.example.com:8443/', 'http://echo.example.com/x?secret=1', 'https://other.example.com/'];
      const outcome = (url) => fetch(url).then((r) => r.status, () => 'failed');
      console.log(JSON.stringify(await Promise.all(tries.map(outcome))));`);
    expect(outcomes).not.toContain(200);
    const refused = frame.proxy.refused().slice(before);
    expect(refused.map(({ target }) => target).sort()).toEqual([
      'echo.example.com:80',
      'echo.example.com:8443',
      'example.com:443',
      'other.example.com:443',
    ]);
    expect(JSON.stringify(refused)).not.toContain('secret');
    expect(seen).toEqual([]);
  });

  test('still reaches the loopback interface directly', async () => {
    const before = frame.proxy.refused().length;
    const status = await inLab(
      `const r = await fetch('${frame.proxy.url}/direct'); console.log(JSON.stringify(r.status));`,
    );
    // The proxy itself is the server asked here: it saw a plain request, not one that was proxied.
    expect(status).toBe(403);
    expect(frame.proxy.refused().slice(before)).toMatchObject([{ method: 'GET', target: '/direct' }]);
  });
});

describe('the proxy', () => {
  test.each(['echo.example.com', '127.0.0.1:443@echo.example.com:443', ':443', 'echo.example.com:443/x'])(
    'refuses the odd target %s',
    async (target) => {
      const { port } = frame.proxy;
      const status = await new Promise((resolve, reject) => {
        const outgoing = httpRequest({
          host: '127.0.0.1',
          port,
          method: 'CONNECT',
          path: target,
          agent: false,
        });
        outgoing.on('connect', (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        outgoing.on('error', reject);
        outgoing.end();
      });
      expect(status).toBe(403);
    },
  );

  test('takes a host name in any case, the front with a port, too', async () => {
    expect((await ask('/', { host: 'ECHO.example.com', headers: { host: 'Echo.Example.com' } })).status).toBe(
      200,
    );
  });

  test('outlives a client that hangs up in the middle', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(frame.proxy.port, '127.0.0.1', () => {
        socket.write('CONNECT echo.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
        socket.once('data', () => {
          socket.write(Buffer.from([22, 3, 1, 0, 5]));
          socket.resetAndDestroy();
          resolve();
        });
      });
    });
    expect((await ask('/')).status).toBe(200);
  });
});

test('a slow reader gets a long answer whole, although the front has closed the connection by then', async () => {
  const body = Buffer.alloc(24 * 1024 * 1024, 'abcdefg');
  answer = { status: 200, body };
  const agent = new Agent({ ca: frame.authority, proxyEnv: { HTTPS_PROXY: frame.proxy.url } });
  const read = await new Promise<Buffer>((resolve, reject) => {
    const outgoing = httpsRequest({ host: 'echo.example.com', path: '/', agent }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) {
          chunks.push(chunk);
          await sleep(1);
        }
        resolve(Buffer.concat(chunks));
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  expect(read.equals(body)).toBe(true);
});

test('a stop does not wait for a client that keeps a refused connection, nor for a delay', async () => {
  const other = await startFrame({ services: [echo] });
  other.faults.add({ delayMs: 600_000 });
  const refused = connect(other.proxy.port, '127.0.0.1');
  refused.on('error', () => {});
  refused.write('CONNECT nowhere.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(refused, 'data');
  const delayed = expect(askThrough(other, '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  await sleep(50);
  await other.stop();
  await delayed;
  refused.destroy();
}, 5000);

describe('the front', () => {
  test('stamps the lab’s time and a request id on every answer', async () => {
    const { headers } = await ask('/');
    expect(headers.date).toBe('Tue, 06 May 2031 07:08:09 GMT');
    expect(headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    answer = { status: 200, headers: { 'Request-Id': 'own', 'Content-Type': 'text/plain' }, body: 'x' };
    expect((await ask('/')).headers).toMatchObject({ 'request-id': 'own', 'content-type': 'text/plain' });
  });

  test('answers 421 for a host that nobody stands in for', async () => {
    const { status, text } = await ask('/', { headers: { host: 'nobody.example.com' } });
    expect([status, JSON.parse(text).error.message]).toEqual([
      421,
      'The lab stands in for no host named nobody.example.com.',
    ]);
  });

  test('answers 400 for a target that is no address', async () => {
    expect((await ask('*', { method: 'OPTIONS' })).status).toBe(400);
    expect(seen).toEqual([]);
  });

  test('keeps a path that starts with two slashes on its host', async () => {
    await ask('//evil.example.com/x');
    expect(seen[0]?.url.host).toBe('echo.example.com');
    expect(seen[0]?.rawTarget).toBe('//evil.example.com/x');
  });

  test('refuses a body over the limit with 413 and reads one at the limit', async () => {
    expect((await ask('/', { method: 'POST', body: 'x'.repeat(MAX_BODY_BYTES + 1) })).status).toBe(413);
    expect((await ask('/', { method: 'POST', body: 'x'.repeat(MAX_BODY_BYTES) })).status).toBe(200);
  });

  test('sends bodies as the status and the method want them', async () => {
    answer = { status: 204 };
    expect((await ask('/')).headers).not.toHaveProperty('content-length');
    answer = { status: 200, body: 'hello' };
    const head = await ask('/', { method: 'HEAD' });
    expect([head.text, head.headers['content-length']]).toEqual(['', '5']);
  });

  test('says when a stand-in has a defect, and goes on', async () => {
    answer = { status: 599 };
    expect((await ask('/')).status).toBe(500);
    expect(frame.log.entries().at(-1)).toMatchObject({ status: 500, problem: 'a defect of the stand-in' });
    answer = { status: 200 };
    expect((await ask('/')).status).toBe(200);
  });

  test('logs and counts by service and tenant', async () => {
    const before = frame.log.callsTo(['echo'], 't1');
    await ask('/x?code=abc', { headers: { 'x-tenant': 't1' } });
    await ask('/x', { headers: { 'x-tenant': 't2' } });
    expect(frame.log.callsTo(['echo'], 't1') - before).toBe(1);
    expect(frame.log.entries().at(-2)).toMatchObject({
      time: '2031-05-06T07:08:09.000Z',
      service: 'echo',
      tenant: 't1',
      method: 'GET',
      path: '/x?code=…',
      status: 200,
    });
  });
});

describe('faults on the wire', () => {
  test('a status with Retry-After is answered in place of the service', async () => {
    frame.faults.add({ service: 'echo', status: 429, retryAfter: 12, times: 1 });
    const reply = await ask('/');
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '12']);
    expect(seen).toEqual([]);
    expect((await ask('/')).status).toBe(200);
  });

  test('a delay holds the answer back', async () => {
    frame.faults.add({ path: '/slow', delayMs: 150 });
    const started = performance.now();
    await ask('/slow');
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
  });

  test('a cut before: the service never sees it; a cut answer: it does, the client hears nothing', async () => {
    frame.faults.add({ cut: 'before', times: 1 });
    await expect(ask('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toHaveLength(0);
    frame.faults.add({ cut: 'answer', times: 1 });
    await expect(ask('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toHaveLength(1);
  });

  test('a cut body breaks off in the middle', async () => {
    answer = { status: 200, body: 'x'.repeat(10_000) };
    frame.faults.add({ cut: 'body', times: 1 });
    await expect(ask('/')).rejects.toThrow('aborted');
    answer = { status: 200, body: 'y'.repeat(10_000), cut: 'body' };
    await expect(ask('/')).rejects.toThrow('aborted');
  });

  test('a fault for one tenant leaves the others alone', async () => {
    frame.faults.add({ tenant: 't1', status: 503 });
    expect((await ask('/', { headers: { 'x-tenant': 't1' } })).status).toBe(503);
    expect((await ask('/', { headers: { 'x-tenant': 't2' } })).status).toBe(200);
  });
});
