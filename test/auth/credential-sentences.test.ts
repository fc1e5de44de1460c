import { afterEach, expect, test, vi } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { refusal } from './entra-wire.ts';
import { newCertificate } from './new-certificate.ts';
import { APP, createSource, TENANT, testTenant } from './source-fixture.ts';

afterEach(() => vi.restoreAllMocks());

async function sentence(number: number, change: Partial<Tenant> = {}, secret?: string): Promise<string> {
  const { failure, tenants, vault, wire } = createSource();
  tenants.set(TENANT, testTenant(TENANT, change));
  if (secret !== undefined)
    vault.secrets.set('app-secret', { value: secret, version: '1', contentType: undefined });
  wire.answer(() => refusal(number));
  return (await failure()).message;
}

test.each([
  [
    'a tenant that is in no cloud, or deleted',
    90002,
    /the id is wrong, the tenant was deleted, or it is in another/,
  ],
  [
    'a tenant of another cloud, or that moved',
    90038,
    /is in another national cloud than global, or has moved there/,
  ],
  ['a tenant that is being deleted', 5000225, /deletes it 20 days after that/],
  [
    'an app that is not there',
    700016,
    /application \(client\) id and not an object id.*adminconsent\?client_id=/,
  ],
  ['an app that is disabled', 7000112, /has it disabled\. Enable/],
  ['an API that is not there', 500011, /no service principal of Microsoft Graph, so/],
  ['an API that is disabled', 500014, /a subscription has lapsed, or an administrator disabled it/],
  ['conditional access', 53003, /Conditional Access policy of the tenant "Fabrikam"/],
  ['a secret that has expired', 7000222, /The secret of the app .* has expired/],
])('%s has a sentence of its own', async (_, number, words) => {
  expect(await sentence(number)).toMatch(words);
});

test('a client id that is the id of the tenant is told as one', async () => {
  const credential = { kind: 'secret', clientId: TENANT, secretName: 'app-secret' } as const;
  expect(await sentence(700016, { credential })).toMatch(/That is the id of the tenant itself/);
});

test('a client id that is the object id of the identity is told as one', async () => {
  const claims = Buffer.from(JSON.stringify({ iss: 'i', sub: APP, tid: TENANT })).toString('base64url');
  const assertion = `e30.${claims}.x`;
  const federationIdentity = {
    name: 'identity',
    issue: async () => ({
      text: assertion,
      expiresAt: Number.MAX_SAFE_INTEGER,
      refreshAt: Number.MAX_SAFE_INTEGER,
    }),
    getToken: async () => assertion,
  };
  const { failure, tenants, wire } = createSource({ federationIdentity });
  tenants.set(TENANT, testTenant(TENANT, { credential: { kind: 'federated', clientId: APP } }));
  wire.answer(() => refusal(700016));
  expect((await failure()).message).toMatch(/That is the object id of the managed identity/);
});

test('the id of a secret in the place of its value is told, and not shown', async () => {
  const id = '12345678-1234-4234-8234-123456789012';
  const text = await sentence(7000215, {}, id);
  expect(text).toMatch(/has the form of a secret's id, not of its value/);
  expect(text).not.toContain(id);
  expect(await sentence(7000215)).not.toMatch(/has the form/);
});

test('a certificate that has expired is not called one that is not accepted', async () => {
  const { certificate, key } = await newCertificate();
  const { clock, failure, tenants, vault, wire } = createSource();
  const credential = { kind: 'certificate', clientId: APP, certificateName: 'cert' } as const;
  tenants.set(TENANT, testTenant(TENANT, { credential }));
  vault.secrets.set('cert', {
    value: `${key}\n${certificate}`,
    version: '1',
    contentType: 'application/x-pem-file',
  });
  wire.answer(() => refusal(700027, { error: 'invalid_client' }));
  clock.advance(Date.now() - clock.now());
  expect(await failure()).toMatchObject({ code: 'auth.certificate_refused' });
  clock.advance(400 * 86_400_000);
  const error = await failure();
  expect(error.code).toBe('auth.certificate_expired');
  expect(error.message).toMatch(/certificate of the app .* has expired.*valid until \d{4}-\d\d-\d\d/);
});

test.each([
  ['common', /"common" stands for any tenant/],
  ['Organizations', /"organizations" stands for any tenant/],
  ['contoso.onmicrosoft.com', /not a domain name: the directory id is on the overview page/],
  ['{10000000-0000-4000-8000-000000000001}', /without braces/],
  ['https://login.microsoftonline.com/x', /not an address/],
  ['Contoso', /must be a GUID/],
])('a tenant id that is %s is refused in words', (id, words) => {
  const tenants = JSON.stringify([{ id, credential: { kind: 'managedIdentity' } }]);
  for (const env of [{ OUTRIDER_TENANTS: tenants }, { OUTRIDER_API_TENANT_ID: id }]) {
    const { faults } = readConfig(env);
    expect(faults.map(({ text }) => text).join(' ')).toMatch(words);
  }
});
