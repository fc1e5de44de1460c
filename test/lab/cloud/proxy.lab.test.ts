import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LabProxy, startProxy } from '../../../lab/net/proxy.ts';

/** Sockets of this process that are still open. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

describe('a tunnel', () => {
  let upstream: Server;
  let proxy: LabProxy;

  beforeEach(async () => {
    upstream = createServer((socket) => socket.end('bye'));
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    proxy = await startProxy({ portOf: () => port, now: () => 0 });
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
  });

  test('is gone when both ends are, though the client had a last word that nobody read', async () => {
    const before = openSockets();
    const client = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
    client.write('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
    client.resume();
    await once(client, 'end');
    // As TLS says goodbye to a server that has already gone.
    client.end('a last word');
    await once(client, 'close');
    await vi.waitFor(() => expect(openSockets()).toBe(before), { timeout: 5_000 });
  });
});
