import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeyVault, type KeyVault } from '../../../lab/key-vault/key-vault.ts';
import {
  CUSTOMER,
  createAppCertificate,
  createLab,
  FEDERATION_IDENTITY,
  HOME,
  type Lab,
  READER,
  SYSTEM_IDENTITY,
} from '../entra/fixture.ts';
import { startWire, type Wire } from '../entra/wire.ts';
import { type ManagedIdentityEndpoint, startManagedIdentity } from '../managed-identity/start-endpoint.ts';

const HOST = 'kv-outrider.vault.azure.net';

let lab: Lab;
let vault: KeyVault;
let endpoint: ManagedIdentityEndpoint;
let wire: Wire;

beforeAll(async () => {
  lab = createLab(Date.now());
  vault = createKeyVault({
    host: HOST,
    tenantId: HOME,
    judge: lab.entra.judge,
    clock: lab.clock,
    mayRead: (caller) => caller.appId === SYSTEM_IDENTITY.clientId,
  });
  endpoint = await startManagedIdentity({ ...lab, secretHeader: 'the-identity-header' });
  process.env.IDENTITY_ENDPOINT = endpoint.endpoint;
  process.env.IDENTITY_HEADER = endpoint.header;
  wire = await startWire([vault.service, lab.entra.service], lab.clock);
});

afterAll(async () => {
  await wire?.stop();
  await endpoint?.stop();
});

function client(credential: TokenCredential = new ManagedIdentityCredential()): SecretClient {
  return new SecretClient(`https://${HOST}`, credential);
}

test('a secret is read by managed identity, challenge and all, and every version of it', async () => {
  const secrets = client();
  const old = vault.setSecret('app-secret', 'old');
  expect((await secrets.getSecret('app-secret')).value).toBe('old');
  const expiresOn = new Date('2027-01-01T00:00:00Z');
  const version = vault.setSecret('app-secret', 'new', {
    contentType: 'text/plain',
    expires: expiresOn.getTime(),
  });
  const { value, properties } = await secrets.getSecret('app-secret');
  expect(value).toBe('new');
  expect(properties).toMatchObject({
    name: 'app-secret',
    version,
    contentType: 'text/plain',
    enabled: true,
    expiresOn,
    vaultUrl: `https://${HOST}`,
  });
  expect((await secrets.getSecret('app-secret', { version: old })).value).toBe('old');
  expect(wire.refused()).toEqual([]);
});

test('a certificate is read as a secret, with its private key', async () => {
  const certificate = await createAppCertificate();
  vault.setSecret('app-certificate', `${certificate.key}\n${certificate.pem}`, {
    contentType: 'application/x-pem-file',
  });
  const { value = '', properties } = await client().getSecret('app-certificate');
  expect(properties.contentType).toBe('application/x-pem-file');
  expect(new X509Certificate(value).checkPrivateKey(createPrivateKey(value))).toBe(true);
});

test('a missing and a disabled secret have their codes', async () => {
  await expect(client().getSecret('nothing')).rejects.toMatchObject({
    statusCode: 404,
    code: 'SecretNotFound',
  });
  vault.setSecret('off', 'value', { enabled: false });
  await expect(client().getSecret('off')).rejects.toMatchObject({ statusCode: 403, code: 'Forbidden' });
});

test('an identity without a role is refused', async () => {
  const other = new ManagedIdentityCredential({ clientId: FEDERATION_IDENTITY.clientId });
  await expect(client(other).getSecret('app-secret')).rejects.toMatchObject({
    statusCode: 403,
    code: 'Forbidden',
  });
});

test("another tenant's token is refused, whatever it says of itself", async () => {
  const foreign: TokenCredential = {
    getToken: async () => ({
      token: await lab.entra.issue({
        tenantId: CUSTOMER,
        appId: READER,
        audience: 'https://vault.azure.net',
      }),
      expiresOnTimestamp: Date.now() + 60_000,
    }),
  };
  await expect(client(foreign).getSecret('app-secret')).rejects.toMatchObject({ statusCode: 401 });
});
