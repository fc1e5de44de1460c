import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { ManagedIdentity } from '../../../lab/entra/directory.ts';
import {
  createManagedIdentity,
  type ManagedIdentityHandler,
} from '../../../lab/managed-identity/managed-identity.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import {
  byAssertion,
  createLab,
  EXCHANGE,
  FEDERATION_IDENTITY,
  GRAPH,
  HOME,
  type Lab,
  NOON,
  request,
  SYSTEM_IDENTITY,
  tokenRequest,
} from '../entra/fixture.ts';

const HEADER = 'the-identity-header';
const STORAGE = 'https://storage.azure.com';

interface TokenBody {
  readonly access_token: string;
  readonly expires_on: string;
  readonly resource: string;
  readonly token_type: string;
  readonly client_id: string;
}

function start(lab: Lab = createLab()): ManagedIdentityHandler {
  return createManagedIdentity({ ...lab, secretHeader: HEADER });
}

function ask(
  endpoint: ManagedIdentityHandler,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = { 'x-identity-header': HEADER },
): Promise<LabAnswer> {
  const parameters = new URLSearchParams({ 'api-version': '2019-08-01', resource: STORAGE, ...query });
  return endpoint.handle(request('GET', `http://127.0.0.1/msi/token?${parameters}`, { headers }));
}

function token(answer: LabAnswer): string {
  return (answer.body as TokenBody).access_token;
}

describe('a token', () => {
  test('of the system-assigned identity when none is named', async () => {
    const lab = createLab();
    const answer = await ask(start(lab));
    expect(answer).toEqual({
      status: 200,
      body: {
        access_token: expect.any(String),
        expires_on: String(NOON / 1000 + 86_400),
        resource: STORAGE,
        token_type: 'Bearer',
        client_id: SYSTEM_IDENTITY.clientId,
      },
    });
    expect(decodeJwt(token(answer))).toMatchObject({
      aud: STORAGE,
      iss: `https://sts.windows.net/${HOME}/`,
      oid: SYSTEM_IDENTITY.principalId,
      appid: SYSTEM_IDENTITY.clientId,
      xms_mirid: SYSTEM_IDENTITY.resourceId,
      exp: NOON / 1000 + 86_400,
    });
    expect(lab.secrets).toEqual([token(answer)]);
  });

  test.each([
    ['client_id', FEDERATION_IDENTITY.clientId],
    ['object_id', FEDERATION_IDENTITY.principalId],
    ['principal_id', FEDERATION_IDENTITY.principalId.toUpperCase()],
    ['mi_res_id', FEDERATION_IDENTITY.resourceId],
    ['msi_res_id', FEDERATION_IDENTITY.resourceId],
  ])('of a user-assigned identity named by %s', async (parameter, value) => {
    const answer = await ask(start(), { [parameter]: value });
    expect((answer.body as TokenBody).client_id).toBe(FEDERATION_IDENTITY.clientId);
    expect(decodeJwt(token(answer)).oid).toBe(FEDERATION_IDENTITY.principalId);
  });

  test('with the roles that the identity holds itself', async () => {
    const lab = createLab();
    const identity = lab.directory.managedIdentities.find(({ kind }) => kind === 'system') as ManagedIdentity;
    identity.grants = { [GRAPH]: ['SecurityIncident.Read.All'] };
    expect(decodeJwt(token(await ask(start(lab), { resource: GRAPH }))).roles).toEqual([
      'SecurityIncident.Read.All',
    ]);
  });

  test('for the exchange is an assertion that Entra ID takes', async () => {
    const lab = createLab();
    const answer = await ask(start(lab), { resource: EXCHANGE, client_id: FEDERATION_IDENTITY.clientId });
    expect(decodeJwt(token(answer))).toMatchObject({
      iss: `https://login.microsoftonline.com/${HOME}/v2.0`,
      sub: FEDERATION_IDENTITY.principalId,
      aud: EXCHANGE,
    });
    expect((await lab.entra.service.handle(tokenRequest(byAssertion(token(answer))))).status).toBe(200);
  });
});

describe('refused', () => {
  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['without the header', {}, {}, 401],
    ['with a wrong header', {}, { 'x-identity-header': 'guess' }, 403],
    ['without a resource', { resource: '' }, { 'x-identity-header': HEADER }, 400],
    [
      'for a resource that is not there',
      { resource: 'https://nobody.example' },
      { 'x-identity-header': HEADER },
      400,
    ],
    ['in another version', { 'api-version': '2017-09-01' }, { 'x-identity-header': HEADER }, 400],
    ['for an identity that is not assigned', { client_id: HOME }, { 'x-identity-header': HEADER }, 400],
    [
      'when two names are given',
      { client_id: FEDERATION_IDENTITY.clientId, mi_res_id: FEDERATION_IDENTITY.resourceId },
      { 'x-identity-header': HEADER },
      400,
    ],
  ])('%s', async (_why, query, headers, status) => {
    const lab = createLab();
    const answer = await ask(start(lab), query, headers);
    expect(answer).toEqual({ status, body: { statusCode: status, message: expect.any(String) } });
    expect(lab.secrets).toEqual([]);
  });

  test('once the identity is taken away', async () => {
    const lab = createLab();
    const endpoint = start(lab);
    expect((await ask(endpoint)).status).toBe(200);
    lab.directory.managedIdentities.length = 0;
    expect((await ask(endpoint)).body).toEqual({
      statusCode: 400,
      message: 'No MSI found for specified ClientId/ResourceId.',
    });
  });

  test('other methods and paths', async () => {
    const headers = { 'x-identity-header': HEADER };
    const query = `api-version=2019-08-01&resource=${STORAGE}`;
    const post = await start().handle(request('POST', `http://127.0.0.1/msi/token?${query}`, { headers }));
    expect(post.status).toBe(405);
    const elsewhere = await start().handle(request('GET', `http://127.0.0.1/other?${query}`, { headers }));
    expect(elsewhere.status).toBe(404);
  });
});

test('requests are counted by resource', async () => {
  const endpoint = start();
  await ask(endpoint);
  await ask(endpoint, { resource: EXCHANGE });
  await ask(endpoint, { resource: EXCHANGE }, {});
  expect([endpoint.requests(), endpoint.requests(EXCHANGE), endpoint.requests(GRAPH)]).toEqual([3, 2, 0]);
  endpoint.resetRequests();
  expect(endpoint.requests()).toBe(0);
});

describe('a fault', () => {
  test('strikes as often as told', async () => {
    const endpoint = start();
    endpoint.setFault({ status: 503, times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await ask(endpoint)).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  test('lasts until it is taken away', async () => {
    const endpoint = start();
    endpoint.setFault({ down: true });
    expect(await ask(endpoint)).toMatchObject({ cut: 'before' });
    expect(await ask(endpoint)).toMatchObject({ cut: 'before' });
    endpoint.setFault();
    expect((await ask(endpoint)).status).toBe(200);
  });

  test('can be slowness alone', async () => {
    const endpoint = start();
    endpoint.setFault({ delayMs: 30 });
    const started = performance.now();
    expect((await ask(endpoint)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(25);
  });
});
