import { createHash, X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication, type NodeAuthOptions } from '@azure/msal-node';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AadstsProblem, aadstsAnswer } from '../../../lab/entra/aadsts.ts';
import {
  type AppCertificate,
  CUSTOMER,
  createAppCertificate,
  createLab,
  EXCHANGE,
  FEDERATION_IDENTITY,
  GOVERNMENT,
  GRAPH,
  HOME,
  type Lab,
  READER,
  SECRET,
} from './fixture.ts';
import { startWire, type Wire } from './wire.ts';

/** The tenant sends more requests than it may. */
const THROTTLED: AadstsProblem = {
  number: 90055,
  status: 429,
  error: 'temporarily_unavailable',
  text: 'The tenant has exceeded its limit of requests.',
};

const HOUR = 3_600_000;
const SCOPES = [`${GRAPH}/.default`];

let lab: Lab;
let wire: Wire;
let certificate: AppCertificate;

beforeAll(async () => {
  lab = createLab(Date.now());
  certificate = await createAppCertificate();
  lab.reader.certificates.push({ certificatePem: certificate.pem, expiresAt: lab.clock.time + HOUR });
  wire = await startWire([lab.entra.service], lab.clock);
});

beforeEach(() => {
  lab.clock.time = Date.now();
  lab.entra.requests.reset();
  wire.faults.clear();
});

afterAll(async () => {
  await wire?.stop();
});

function client(
  credential: Partial<NodeAuthOptions>,
  { tenant = CUSTOMER, host = 'login.microsoftonline.com' } = {},
): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: { clientId: READER, authority: `https://${host}/${tenant}`, ...credential },
  });
}

/** What an error of msal says that a program may go by. */
async function failure(attempt: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await attempt.then(
    () => new Error('It was to fail.'),
    (reason: unknown) => reason,
  );
  const { errorCode, errorNo, status } = error as Record<string, unknown>;
  return { errorCode, errorNo, status };
}

describe('msal signs in', () => {
  test('by secret: one token request and no discovery, whose answer it has built in, then from its memory', async () => {
    const app = client({ clientSecret: SECRET });
    const result = await app.acquireTokenByClientCredential({ scopes: SCOPES });
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ aud: GRAPH, tid: CUSTOMER, appid: READER });
    await app.acquireTokenByClientCredential({ scopes: SCOPES });
    expect(lab.entra.requests.of(CUSTOMER)).toEqual({ discovery: 0, keys: 0, token: 1 });
    expect(lab.entra.requests.instanceDiscovery()).toBe(0);
    expect(wire.refused()).toEqual([]);
  });

  test('by certificate, with either thumbprint and with the chain sent along', async () => {
    const { fingerprint256, raw } = new X509Certificate(certificate.pem);
    const privateKey = certificate.key;
    const sha1 = createHash('sha1').update(raw).digest('hex');
    const credentials = [
      { thumbprintSha256: fingerprint256.replaceAll(':', ''), privateKey },
      { thumbprint: sha1, privateKey },
      { thumbprintSha256: fingerprint256.replaceAll(':', ''), privateKey, x5c: certificate.pem },
    ];
    for (const clientCertificate of credentials) {
      const result = await client({ clientCertificate }).acquireTokenByClientCredential({ scopes: SCOPES });
      expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ tid: CUSTOMER, appidacr: '2' });
    }
  });

  test("by a managed identity's assertion", async () => {
    const clientAssertion = (): Promise<string> =>
      lab.entra.issue({
        tenantId: HOME,
        appId: FEDERATION_IDENTITY.clientId,
        objectId: FEDERATION_IDENTITY.principalId,
        audience: EXCHANGE,
        version: 2,
        managedIdentityResource: FEDERATION_IDENTITY.resourceId,
      });
    const result = await client({ clientAssertion }).acquireTokenByClientCredential({ scopes: SCOPES });
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({
      tid: CUSTOMER,
      roles: ['SecurityIncident.Read.All'],
    });
  });

  test('at the government host', async () => {
    lab.reader.grants[GOVERNMENT] = {};
    const app = client({ clientSecret: SECRET }, { tenant: GOVERNMENT, host: 'login.microsoftonline.us' });
    const result = await app.acquireTokenByClientCredential({
      scopes: ['https://graph.microsoft.us/.default'],
    });
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ tid: GOVERNMENT });
  });

  test('and learns how long the token lives, and when to renew it', async () => {
    lab.entra.settings.tokenLifetimeSeconds = 86_400;
    try {
      const before = Date.now();
      const result = await client({ clientSecret: SECRET }).acquireTokenByClientCredential({
        scopes: SCOPES,
      });
      const lives = (result?.expiresOn?.getTime() ?? 0) - before;
      const waits = (result?.refreshOn?.getTime() ?? 0) - before;
      expect(Math.abs(lives - 24 * HOUR)).toBeLessThan(5000);
      expect(Math.abs(waits - 12 * HOUR)).toBeLessThan(5000);
    } finally {
      lab.entra.settings.tokenLifetimeSeconds = undefined;
    }
  });
});

test('jose verifies a token with the keys that discovery leads to, again after they rotate', async () => {
  const discovery = await fetch(
    `https://login.microsoftonline.com/${CUSTOMER}/v2.0/.well-known/openid-configuration`,
  );
  const { issuer, jwks_uri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
  const keys = createRemoteJWKSet(new URL(jwks_uri), { cooldownDuration: 0 });
  const order = { tenantId: CUSTOMER, appId: READER, audience: READER };
  await jwtVerify(await lab.entra.issue(order), keys, { issuer, audience: READER });
  await lab.entra.rotateKeys();
  const { payload } = await jwtVerify(await lab.entra.issue(order), keys, { issuer, audience: READER });
  expect(payload.azp).toBe(READER);
  const atHome = await lab.entra.issue({ ...order, tenantId: HOME });
  await expect(jwtVerify(atHome, keys, { issuer, audience: READER })).rejects.toThrow(/"iss"/);
  expect(lab.entra.requests.of(CUSTOMER)).toEqual({ discovery: 1, keys: 2, token: 0 });
});

describe('msal sees the number', () => {
  test('of a wrong secret, and of an expired one', async () => {
    const wrong = client({ clientSecret: 'wrong' }).acquireTokenByClientCredential({ scopes: SCOPES });
    expect(await failure(wrong)).toEqual({ errorCode: 'invalid_client', errorNo: 7000215, status: 401 });
    lab.clock.time += 2 * HOUR;
    const expired = client({ clientSecret: SECRET }).acquireTokenByClientCredential({ scopes: SCOPES });
    expect(await failure(expired)).toEqual({ errorCode: 'invalid_client', errorNo: 7000222, status: 401 });
  });

  test('of an app that is not installed', async () => {
    const app = client({ clientSecret: SECRET, clientId: HOME });
    expect(await failure(app.acquireTokenByClientCredential({ scopes: SCOPES }))).toEqual({
      errorCode: 'unauthorized_client',
      errorNo: 700016,
      status: 400,
    });
  });

  test("of a key that is not the certificate's", async () => {
    const stranger = await createAppCertificate();
    const clientCertificate = {
      thumbprintSha256: new X509Certificate(certificate.pem).fingerprint256.replaceAll(':', ''),
      privateKey: stranger.key,
    };
    const app = client({ clientCertificate });
    expect(await failure(app.acquireTokenByClientCredential({ scopes: SCOPES }))).toEqual({
      errorCode: 'invalid_client',
      errorNo: 700027,
      status: 401,
    });
  });

  test('of a tenant that is not there', async () => {
    const app = client({ clientSecret: SECRET }, { tenant: '99999999-9999-4999-8999-999999999999' });
    expect(await failure(app.acquireTokenByClientCredential({ scopes: SCOPES }))).toEqual({
      errorCode: 'invalid_request',
      errorNo: 90002,
      status: 400,
    });
  });

  test('of throttling, set as a fault of the front', async () => {
    const { status, body } = aadstsAnswer(THROTTLED, { now: lab.clock.now() });
    wire.faults.add({ service: 'entra', path: '/token', status, retryAfter: 1, body, times: 1 });
    const app = client({ clientSecret: SECRET }, { tenant: HOME });
    expect(await failure(app.acquireTokenByClientCredential({ scopes: SCOPES }))).toEqual({
      errorCode: 'temporarily_unavailable',
      errorNo: 90055,
      status: 429,
    });
  });
});
