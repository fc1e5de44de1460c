import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from './azurite.ts';
import { type PackagedApp, packageApp, type RunningApp, runApp } from './run-app.ts';

const CLIENT_ID = '11111111-2222-3333-4444-555555555555';

interface TokenRequest {
  readonly resource: string | null;
  readonly clientId: string | null;
  readonly header: string | undefined;
}

let folder: string;
let azurite: Azurite;
let app: PackagedApp;
let endpoint: Server;
let runner: RunningApp | undefined;
const tokenRequests: TokenRequest[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-identity-'));
  const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await writeFile(files.cert, pems.cert);
  await writeFile(files.key, pems.private);
  azurite = await startAzurite({ ...files, ca: pems.cert });
  app = await packageApp({ fixture: 'sample-app.ts', host: { functions: ['orders', 'yearly'] } });
  endpoint = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    tokenRequests.push({
      resource: url.searchParams.get('resource'),
      clientId: url.searchParams.get('client_id'),
      header: String(request.headers['x-identity-header']),
    });
    const expires = Math.floor(Date.now() / 1000) + 3_600;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ access_token: storageToken(expires), expires_on: `${expires}`, token_type: 'Bearer' }),
    );
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
});
afterAll(async () => {
  await runner?.stop();
  endpoint.close();
  await azurite.stop();
  await app.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A token of the form Azurite's basic OAuth looks at; it does not check the signature. */
function storageToken(exp: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1000) - 60;
  const claims = {
    aud: 'https://storage.azure.com',
    iss: 'https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/',
    iat,
    nbf: iat,
    exp,
  };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

test('queues and timer status are reached over HTTPS as a user-assigned managed identity', async () => {
  const { port } = endpoint.address() as AddressInfo;
  runner = await runApp(app.directory, {
    ORDERS_QUEUE: 'orders',
    NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
    IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`,
    IDENTITY_HEADER: 'the-header',
    AzureWebJobsStorage__queueServiceUri: azurite.queueUri,
    AzureWebJobsStorage__blobServiceUri: azurite.blobUri,
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId: CLIENT_ID,
  });
  await runner.entry((entry) => entry.message === 'made the queue orders');
  await azurite.queues.getQueueClient('orders').sendMessage(Buffer.from('{"id":1}').toString('base64'));
  await runner.entry((entry) => entry.functionName === 'orders' && entry.outcome === 'ok');
  expect(tokenRequests[0]).toMatchObject({ clientId: CLIENT_ID, header: 'the-header' });
  expect(tokenRequests[0]?.resource).toMatch(/^https:\/\/storage\.azure\.com\/?$/);
  expect(runner.log.filter((entry) => entry.level === 'warning' || entry.level === 'error')).toEqual([]);
});
