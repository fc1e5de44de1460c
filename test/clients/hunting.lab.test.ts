import { getEventListeners, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { afterEach, describe, expect, it } from 'vitest';
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { failureOf, TENANT } from './harness.ts';

const ORIGIN = 'https://graph.microsoft.com';
const ROWS = Array.from({ length: 20_000 }, (_, n) => `{"N":${n},"x":"ä${Math.imul(n, 2_654_435_761)}"}`);
const BODY = `{"schema":[],"results":[${ROWS.join(',')}]}`;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Hunting whose sockets really lead to a server of ours; only the address of the request is changed. */
async function against(listener: RequestListener) {
  server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets = createDefaultHttpClient();
  const transport = createTransport({
    getToken: async () => 'token',
    clock: systemClock,
    version: '0.0.0',
    pace: createPace({ clock: systemClock }),
    httpClient: {
      sendRequest(request) {
        request.url = request.url.replace(ORIGIN, `http://127.0.0.1:${port}`);
        request.allowInsecureConnection = true;
        return sockets.sendRequest(request);
      },
    },
  });
  return createGraphHunting({ transport, clock: systemClock, cloud: CLOUDS.global });
}

async function readAll(source: Awaited<ReturnType<typeof against>>, signal?: AbortSignal): Promise<string[]> {
  const rows: string[] = [];
  const answer = await source.run({ tenant: TENANT, text: 'T', signal });
  for await (const some of answer.rows) rows.push(...some);
  return rows;
}

describe('an answer over real sockets', () => {
  it('is read whole, compressed or not, and leaves nothing on the signal', async () => {
    const { signal } = new AbortController();
    const plain = await against((_request, response) => response.end(BODY));
    expect(await readAll(plain, signal)).toEqual(ROWS);
    server?.close();
    const compressed = await against((_request, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(BODY)),
    );
    expect(await readAll(compressed, signal)).toEqual(ROWS);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([
    ['plain', Buffer.from(BODY), {}],
    ['compressed', gzipSync(BODY), { 'content-encoding': 'gzip' }],
  ])('is an error when its connection breaks half way: %s', async (_how, bytes, headers) => {
    const source = await against((_request, response) => {
      response.writeHead(200, headers);
      response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => response.destroy(), 50));
    });
    await failureOf(readAll(source), 'upstream.unreachable');
  });

  it('is an error when its compressed bytes end too early, though the connection ends in good order', async () => {
    const bytes = gzipSync(BODY);
    const source = await against((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bytes.subarray(0, bytes.length / 2));
    });
    await failureOf(readAll(source), 'upstream.unreachable');
  });

  it('ends its connection when the reader leaves', async () => {
    const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
    const source = await against((_request, response) => {
      response.write(BODY.slice(0, 100_000));
      response.on('close', onClosed);
    });
    const answer = await source.run({ tenant: TENANT, text: 'T' });
    for await (const rows of answer.rows) {
      expect(rows[0]).toBe(ROWS[0]);
      break;
    }
    await closed;
  });
});
