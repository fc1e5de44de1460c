import { getEventListeners } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallLimits } from '../../shared/clients/call.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import { failureOf, TENANT } from './harness.ts';

const ORIGIN = 'https://graph.microsoft.com';
const CALL = {
  tenant: TENANT,
  resource: 'graph',
  origin: ORIGIN,
  family: 'graph.security',
  method: 'GET',
  url: `${ORIGIN}/v1.0/security/incidents`,
  permission: 'SecurityIncident.Read.All',
  purpose: 'read incidents',
} as const;
const JSON_TEXT = JSON.stringify({
  value: Array.from({ length: 2_000 }, (_, index) => ({ id: `${index}`, t: 'ä' })),
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A transport whose sockets really lead to a server of ours; only the address of the request is changed. */
async function against(listener: RequestListener, limits: Partial<CallLimits> = {}) {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const sockets = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest(request) {
      request.url = request.url.replace(ORIGIN, `http://127.0.0.1:${port}`);
      request.allowInsecureConnection = true;
      return sockets.sendRequest(request);
    },
  };
  return createTransport({
    getToken: async () => 'token',
    clock: systemClock,
    version: '0.0.0',
    pace: createPace({ clock: systemClock }),
    httpClient,
    limits: { retries: 0, ...limits },
  });
}

describe('over real sockets', () => {
  it('a compressed answer is read, its bytes counted as text', async () => {
    const transport = await against((request, response) => {
      expect(request.headers['accept-encoding']).toContain('gzip');
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON_TEXT));
    });
    const answer = await transport.send(CALL);
    expect(answer.text).toBe(JSON_TEXT);
    expect(answer.bytes).toBe(Buffer.byteLength(JSON_TEXT));
    expect(answer.serviceTime).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('connections are kept for the next call', async () => {
    const ports = new Set<number | undefined>();
    const transport = await against((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    for (let call = 0; call < 3; call += 1) await transport.send(CALL);
    expect(ports.size).toBe(1);
  });

  it.each([
    ['before the answer', 0],
    ['in the middle of the body', 5_000],
  ])('a connection cut %s is tried again', async (_when, bytes) => {
    let calls = 0;
    const transport = await against(
      (_request, response) => {
        calls += 1;
        if (calls > 1) return response.end(JSON_TEXT);
        if (bytes === 0) return response.destroy();
        response.setHeader('content-length', JSON_TEXT.length * 2);
        response.write(JSON_TEXT.slice(0, bytes), () => response.destroy());
      },
      { retries: 1 },
    );
    expect((await transport.send(CALL)).text).toBe(JSON_TEXT);
    expect(calls).toBe(2);
  });

  it('a compressed body that is cut is not taken for a whole one', async () => {
    const transport = await against((_request, response) => {
      const packed = gzipSync(JSON_TEXT);
      response.setHeader('content-encoding', 'gzip').end(packed.subarray(0, packed.length / 2));
    });
    await failureOf(transport.send(CALL), 'upstream.unreachable');
  });

  it.each([
    ['that never answers', false],
    ['that never ends its body', true],
  ])('a service %s is left after the time of an attempt', async (_what, answers) => {
    let closed: Promise<unknown> | undefined;
    const transport = await against(
      (_request, response) => {
        closed = new Promise((resolve) => response.on('close', resolve));
        if (answers) response.write('{"value":[');
      },
      { attemptMs: 100 },
    );
    await failureOf(transport.send(CALL), 'upstream.timeout');
    await closed;
  });

  it.each([
    ['plain', 'identity'],
    ['packed small', 'gzip'],
  ])('an endless answer, %s, is dropped at the size limit with its connection', async (_name, encoding) => {
    let closed: Promise<unknown> | undefined;
    const chunk = Buffer.alloc(1_000_000, 0x20);
    const transport = await against(
      (_request, response) => {
        closed = new Promise((resolve) => response.on('close', resolve));
        response.setHeader('content-encoding', encoding);
        if (encoding === 'gzip') return response.end(gzipSync(Buffer.alloc(50_000_000, 0x20)));
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      },
      { maxBytes: 3_000_000 },
    );
    await failureOf(transport.send(CALL), 'upstream.too_large');
    if (encoding === 'identity') await closed;
  });

  it('a call is stopped in the middle of its body', async () => {
    const stop = new AbortController();
    const transport = await against((_request, response) => {
      response.write('{"value":[');
      setTimeout(() => stop.abort(new Error('enough')), 20);
    });
    await failureOf(transport.send({ ...CALL, signal: stop.signal }), 'aborted');
  });

  it('nobody there is an error that names the fault', async () => {
    const transport = await against(() => {});
    server?.close();
    const error = await failureOf(transport.send(CALL), 'upstream.unreachable');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('a call leaves no listener on the signal of its run', async () => {
    const transport = await against((_request, response) => response.end('{}'));
    const { signal } = new AbortController();
    for (let call = 0; call < 3; call += 1) await transport.send({ ...CALL, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
