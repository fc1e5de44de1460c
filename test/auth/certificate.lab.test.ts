import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DirectoryApp } from '../../lab/entra/directory.ts';
import { type AuthLab, addReader, startAuthLab, tenantRecord, until } from './auth-lab.ts';
import { newCertificate, pkcs12 } from './new-certificate.ts';

const MINUTE = 60_000;
const NAME = 'outrider-app-certificate';
const CLIENT_ID = 'ce200000-0000-4000-8000-000000000001';
const PEM = { contentType: 'application/x-pem-file' };

let lab: AuthLab;
let app: DirectoryApp;
let tenant: string;

/** A new certificate in the app registration, the only one that is good from now on. As Key Vault gives it. */
async function rotate(): Promise<string> {
  const { certificate, key } = await newCertificate();
  app.certificates.splice(0, app.certificates.length, {
    certificatePem: certificate,
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  return `${key.trim()}\n${certificate.trim()}\n`;
}

beforeAll(async () => {
  lab = await startAuthLab();
  app = addReader(lab, { appId: CLIENT_ID, displayName: 'Reader with a certificate' });
  tenant = app.homeTenantId;
});
afterAll(() => lab?.stop());
beforeEach(async () => {
  lab.cloud.vault.setSecret(NAME, await rotate(), PEM);
  lab.cloud.entra.settings.tokenLifetimeSeconds = 3600;
  await lab.restart([
    tenantRecord(tenant, { kind: 'certificate', clientId: CLIENT_ID, certificateName: NAME }),
  ]);
  lab.cloud.entra.requests.reset();
});
afterEach(() => lab.cloud.faults.clear());

const sent = () => lab.cloud.entra.requests.of(tenant).token;

test('a hundred cold callers: one token request; then from memory', async () => {
  const before = lab.cloud.vault.reads(NAME);
  const answers = await lab.tokens({ tenant }, 100);
  const [first] = answers;
  expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
  expect(decodeJwt(first?.token ?? '')).toMatchObject({ tid: tenant, appid: CLIENT_ID, appidacr: '2' });
  expect(await lab.token(tenant)).toBe(first?.token);
  expect([sent(), lab.cloud.vault.reads(NAME) - before]).toEqual([1, 1]);
});

test('refreshes in the background, through an outage while the token is good', async () => {
  const first = await lab.token(tenant);
  await lab.advance(56 * MINUTE);
  await until(async () => (await lab.token(tenant)) !== first);
  const second = await lab.token(tenant);
  lab.cloud.faults.add({ service: 'entra', status: 503 });
  await lab.advance(58 * MINUTE);
  for (let call = 0; call < 5; call += 1) expect(await lab.token(tenant)).toBe(second);
});

test('a rotated certificate is picked up at once when sign-in refuses the old one', async () => {
  const first = await lab.token(tenant);
  lab.cloud.vault.setSecret(NAME, await rotate(), PEM);
  await lab.advance(MINUTE);
  const [replaced] = await lab.tokens({ tenant, refused: first });
  expect(replaced?.token).toBeTypeOf('string');
  expect(replaced?.token).not.toBe(first);
  expect(sent()).toBe(3);
});

test('a certificate kept as PKCS 12, as the vault does unless told otherwise, signs in', async () => {
  const made = await newCertificate();
  app.certificates.push({ certificatePem: made.certificate, expiresAt: Date.now() + 365 * 24 * 60 * MINUTE });
  lab.cloud.vault.setSecret(NAME, pkcs12(made), { contentType: 'application/x-pkcs12' });
  const first = await lab.token(tenant);
  await lab.advance(11 * MINUTE);
  const [replaced] = await lab.tokens({ tenant, refused: first });
  expect(replaced?.token).not.toBe(first);
});

test('a certificate that the app does not know, and contents that cannot be used', async () => {
  app.certificates.splice(0);
  const refused = await lab.failure({ tenant });
  expect(refused).toMatchObject({
    code: 'auth.certificate_refused',
    facts: { tenant, serviceCode: 'AADSTS700027' },
  });
  expect(refused.message).toContain(NAME);
  expect(refused.inspected).not.toContain('PRIVATE KEY');

  lab.cloud.vault.setSecret(NAME, 'MIIKPAIBAzCCCfgGCSqGSIb3', { contentType: 'application/x-pkcs12' });
  await lab.advance(11 * MINUTE);
  const unusable = await lab.failure({ tenant });
  expect(unusable).toMatchObject({ code: 'vault.content_unusable', facts: { tenant } });
  expect(unusable.message).toContain('PKCS 12 without a password');
});
