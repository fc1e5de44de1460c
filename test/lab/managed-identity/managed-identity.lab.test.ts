import { ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createLab,
  EXCHANGE,
  FEDERATION_IDENTITY,
  HOME,
  type Lab,
  SYSTEM_IDENTITY,
} from '../entra/fixture.ts';
import { type ManagedIdentityEndpoint, startManagedIdentity } from './start-endpoint.ts';

// The library finds its endpoint once per process: this file has a process of its own, and one endpoint.
const STORAGE = 'https://storage.azure.com/.default';

let lab: Lab;
let endpoint: ManagedIdentityEndpoint;

beforeAll(async () => {
  lab = createLab(Date.now());
  endpoint = await startManagedIdentity({ ...lab, secretHeader: 'the-identity-header' });
  process.env.IDENTITY_ENDPOINT = endpoint.endpoint;
  process.env.IDENTITY_HEADER = endpoint.header;
});

beforeEach(() => {
  endpoint.setFault();
  endpoint.resetRequests();
});

afterAll(async () => {
  await endpoint?.stop();
});

test('the endpoint has the form that App Service gives it', () => {
  expect(endpoint.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/msi\/token$/);
});

test('the system-assigned identity, once over the wire and then from memory', async () => {
  const credential = new ManagedIdentityCredential();
  const { token, expiresOnTimestamp } = await credential.getToken(STORAGE);
  expect(decodeJwt(token)).toMatchObject({
    oid: SYSTEM_IDENTITY.principalId,
    aud: 'https://storage.azure.com',
  });
  expect(Math.abs(expiresOnTimestamp - Date.now() - 86_400_000)).toBeLessThan(5000);
  await credential.getToken(STORAGE);
  expect(endpoint.requests()).toBe(1);
});

test('a user-assigned identity by client id, object id and resource id', async () => {
  const { clientId, principalId: objectId, resourceId } = FEDERATION_IDENTITY;
  for (const name of [{ clientId }, { objectId }, { resourceId }]) {
    const { token } = await new ManagedIdentityCredential(name).getToken(STORAGE);
    expect(decodeJwt(token)).toMatchObject({ oid: objectId, appid: clientId });
  }
});

test('the assertion for a federated credential', async () => {
  const credential = new ManagedIdentityCredential({ clientId: FEDERATION_IDENTITY.clientId });
  const { token } = await credential.getToken(`${EXCHANGE}/.default`);
  expect(decodeJwt(token)).toMatchObject({
    iss: `https://login.microsoftonline.com/${HOME}/v2.0`,
    sub: FEDERATION_IDENTITY.principalId,
    aud: EXCHANGE,
  });
  expect(endpoint.requests(EXCHANGE)).toBe(1);
});

test('an identity that is not assigned is an error that says so', async () => {
  const credential = new ManagedIdentityCredential({ clientId: HOME });
  await expect(credential.getToken(STORAGE)).rejects.toThrow(/No MSI found/);
});

test('a short outage is ridden out by the library, a cut connection is an error', async () => {
  endpoint.setFault({ status: 503, times: 1 });
  const exchange = new ManagedIdentityCredential({ objectId: FEDERATION_IDENTITY.principalId });
  expect((await exchange.getToken('https://vault.azure.net/.default')).token).toBeTruthy();
  expect(endpoint.requests()).toBe(2);
  endpoint.setFault({ down: true });
  await expect(exchange.getToken('https://management.azure.com/.default')).rejects.toThrow();
});
