import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCertificates } from '../../lab/net/ca.ts';

const run = promisify(execFile);
const CHILD = join(import.meta.dirname, 'proxied-calls.ts');

let folder = '';
let proxyUrl = '';
let asked: string[] = [];
const servers: Server[] = [];

/** A service behind a proxy that lets everything through to it and writes down what it was asked for. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-proxy-'));
  const { authority, certificate, key } = await createCertificates(['graph.microsoft.com']);
  await writeFile(join(folder, 'authority.pem'), authority);
  const service = createHttpsServer({ cert: certificate, key }, (request, response) => {
    response.end(`${request.headers.host}${request.url}`);
  });
  const servicePort = await listen(service);
  const proxy = createHttpServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const upstream = connect(servicePort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
});

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

it.each([
  ['by Node itself, over one connection that is kept', { NODE_USE_ENV_PROXY: '1' }, 1],
  ["by the library's policy", {}, 3],
])('the proxy of the environment is used %s', async (_by, settings, connections) => {
  asked = [];
  const { PATH = '' } = process.env;
  const trust = { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') };
  const { stdout } = await run(process.execPath, [CHILD], {
    env: { PATH, HTTPS_PROXY: proxyUrl, ...trust, ...settings },
    timeout: 30_000,
  });
  expect(JSON.parse(stdout)).toEqual(['/0', '/1', '/2'].map((path) => `graph.microsoft.com${path}`));
  expect(asked).toEqual(Array(connections).fill('graph.microsoft.com:443'));
});
