import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import { AnonymousCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBlobStore } from '../../shared/state/blob-store.ts';
import type { StreamingBlobStore } from '../../shared/storage.ts';

const CALL_MS = 400;

let server: Server;
let blobs: StreamingBlobStore;
/** Requests that were given up, by path. */
const ended: string[] = [];

/** A storage service that keeps quiet: before its answer, or within it. */
beforeAll(async () => {
  server = createServer(async ({ url = '' }, response) => {
    const path = new URL(url, 'http://x').pathname;
    response.on('close', () => ended.push(path));
    if (path.endsWith('/silent')) return;
    response.writeHead(200, { 'content-length': 8, etag: '"1"', 'last-modified': new Date(0).toUTCString() });
    response.write('half');
    if (!path.endsWith('/slow')) return;
    await sleep(CALL_MS / 2);
    response.end('done');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  blobs = createBlobStore({
    uri: `http://127.0.0.1:${port}/account`,
    container: 'c',
    // Without TLS no token is sent.
    credential: new AnonymousCredential() as unknown as TokenCredential,
    callMs: CALL_MS,
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function read(name: string, pauseMs = 0): Promise<string> {
  let text = '';
  for await (const chunk of blobs.read(name)) {
    text += Buffer.from(chunk).toString();
    await sleep(pauseMs);
  }
  return text;
}

it.each(['silent', 'stalled'])(
  'a blob whose service falls %s is given up, and its request ended',
  async (name) => {
    await expect(read(name)).rejects.toMatchObject({ code: 'storage.unavailable' });
    await expect.poll(() => ended).toContain(`/account/c/${name}`);
  },
);

it('the time is that of waiting alone: a slow blob is read whole, and so is one that is worked on slowly', async () => {
  expect(await read('slow')).toBe('halfdone');
  expect(await read('slow', 2 * CALL_MS)).toBe('halfdone');
});
