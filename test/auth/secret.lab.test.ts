import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DirectoryApp } from '../../lab/entra/directory.ts';
import { type AuthLab, addReader, startAuthLab, tenantRecord, until } from './auth-lab.ts';

const MINUTE = 60_000;
const NAME = 'outrider-app-secret';
const CLIENT_ID = '5ec00000-0000-4000-8000-000000000001';

let lab: AuthLab;
let app: DirectoryApp;
let tenant: string;

/** A new secret in the app registration, the only one that is good from now on. */
function rotate(expiresAt = Number.MAX_SAFE_INTEGER): string {
  const value = `lab8Q~${randomBytes(20).toString('hex')}`;
  app.secrets.splice(0, app.secrets.length, { value, expiresAt });
  return value;
}

beforeAll(async () => {
  lab = await startAuthLab();
  app = addReader(lab, { appId: CLIENT_ID, displayName: 'Reader with a secret' });
  tenant = app.homeTenantId;
});
afterAll(() => lab?.stop());
beforeEach(async () => {
  lab.cloud.vault.setSecret(NAME, rotate());
  lab.cloud.entra.settings.tokenLifetimeSeconds = 3600;
  await lab.restart([tenantRecord(tenant, { kind: 'secret', clientId: CLIENT_ID, secretName: NAME })]);
  lab.cloud.entra.requests.reset();
});
afterEach(() => {
  lab.cloud.faults.clear();
  lab.cloud.identity.setFault();
});

const sent = () => lab.cloud.entra.requests.of(tenant).token;
const reads = () => lab.cloud.vault.reads(NAME);

test('a hundred cold callers: one token request, one read of the secret; then from memory', async () => {
  const before = reads();
  const answers = await lab.tokens({ tenant }, 100);
  const [first] = answers;
  expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
  expect(decodeJwt(first?.token ?? '')).toMatchObject({ tid: tenant, appid: CLIENT_ID, appidacr: '1' });
  expect(await lab.token(tenant)).toBe(first?.token);
  expect([sent(), reads() - before]).toEqual([1, 1]);
});

test('refreshes in the background; an outage of sign-in and vault is not felt while the token is good', async () => {
  const first = await lab.token(tenant);
  await lab.advance(56 * MINUTE);
  expect(await lab.token(tenant)).toBe(first);
  await until(async () => (await lab.token(tenant)) !== first);
  const second = await lab.token(tenant);
  lab.cloud.faults.add({ service: 'entra', cut: 'before' });
  lab.cloud.faults.add({ service: 'vault', status: 503 });
  await lab.advance(58 * MINUTE);
  for (let call = 0; call < 5; call += 1) expect(await lab.token(tenant)).toBe(second);
});

test('a rotated secret is picked up at once when sign-in refuses the old one', async () => {
  const first = await lab.token(tenant);
  lab.cloud.vault.setSecret(NAME, rotate());
  const before = reads();
  await lab.advance(5 * MINUTE);
  const [replaced] = await lab.tokens({ tenant, refused: first });
  expect(replaced?.token).toBeTypeOf('string');
  expect(replaced?.token).not.toBe(first);
  expect([sent(), reads() - before]).toEqual([3, 1]);
});

test('a rotated secret is picked up by age, before sign-in refuses the old one', async () => {
  await lab.token(tenant);
  const old = app.secrets[0];
  lab.cloud.vault.setSecret(NAME, rotate());
  if (old) app.secrets.push(old);
  await lab.advance(61 * MINUTE);
  await lab.token(tenant);
  expect(sent()).toBe(2);
  if (old) app.secrets.splice(app.secrets.indexOf(old), 1);
  await lab.advance(61 * MINUTE);
  await lab.token(tenant);
  expect(sent()).toBe(3);
});

test('a wrong and an expired secret, when the vault has no other', async () => {
  const [good] = app.secrets.splice(0);
  const wrong = await lab.failure({ tenant });
  expect(wrong).toMatchObject({ code: 'auth.secret_wrong', facts: { tenant, serviceCode: 'AADSTS7000215' } });
  expect(wrong.message).toContain(CLIENT_ID);
  expect(wrong.message).toContain(NAME);
  app.secrets.push({ value: good?.value ?? '', expiresAt: 1 });
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'auth.secret_expired',
    facts: { serviceCode: 'AADSTS7000222' },
  });
  expect(good?.value).toBeTypeOf('string');
  expect(wrong.inspected).not.toContain(good?.value);
});

test('what the vault may say', async () => {
  const withSecret = (secretName: string) =>
    lab.restart([tenantRecord(tenant, { kind: 'secret', clientId: CLIENT_ID, secretName })]);
  await withSecret('not-there');
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'vault.not_found',
    facts: { tenant, status: 404 },
  });

  lab.cloud.vault.setSecret('switched-off', 'x', { enabled: false });
  await withSecret('switched-off');
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'vault.refused',
    message: expect.stringContaining('is disabled'),
  });

  lab.cloud.vault.setSecret('hollow', '  ');
  await withSecret('hollow');
  expect(await lab.failure({ tenant })).toMatchObject({ code: 'vault.content_unusable' });

  lab.cloud.faults.add({ service: 'vault', status: 403, body: { error: { code: 'Forbidden' } } });
  await withSecret(NAME);
  const refused = await lab.failure({ tenant });
  expect(refused).toMatchObject({ code: 'vault.refused', facts: { tenant, status: 403 } });
  expect(refused.message).toContain('Key Vault Secrets User');
  expect(refused.message).toContain('Fabrikam');

  lab.cloud.faults.clear();
  lab.cloud.faults.add({ service: 'vault', status: 503 });
  expect(await lab.failure({ tenant })).toMatchObject({ code: 'vault.unavailable', facts: { status: 503 } });
  lab.cloud.faults.clear();
  lab.cloud.faults.add({ service: 'vault', cut: 'before' });
  expect(await lab.failure({ tenant })).toMatchObject({ code: 'vault.unavailable' });

  lab.cloud.faults.clear();
  lab.cloud.identity.setFault({ status: 400 });
  await withSecret(NAME);
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'auth.managed_identity_unavailable',
    message: expect.stringContaining('https://vault.azure.net/.default'),
    facts: { tenant },
  });
});

test('a throttled sign-in is left alone for as long as it asks', async () => {
  lab.cloud.faults.add({ service: 'entra', status: 429, retryAfter: 120, body: { error_codes: [90055] } });
  const first = await lab.failure({ tenant });
  expect(first).toMatchObject({ code: 'auth.throttled', facts: { retryAfterMs: 120_000 } });
  await lab.advance(60_000);
  const second = await lab.failure({ tenant });
  expect(second.code).toBe('auth.throttled');
  expect(second.facts.retryAfterMs).toBeLessThanOrEqual(60_000);
  expect(lab.cloud.faults.list()[0]?.struck).toBe(1);
  lab.cloud.faults.clear();
  await lab.advance(60_000);
  expect(await lab.token(tenant)).toBeTypeOf('string');
});
