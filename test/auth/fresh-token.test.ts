import { expect, test } from 'vitest';
import { refusal } from './entra-wire.ts';
import { newCertificate } from './new-certificate.ts';
import { APP, createSource, OTHER, TENANT, testTenant } from './source-fixture.ts';

const fresh = { tenant: TENANT, resource: 'graph', fresh: true } as const;

test('a fresh token is a new one, but not one after the other; others are served it as well', async () => {
  const { clock, getToken, token, wire } = createSource();
  expect(await token()).toBe('token-1');
  expect(await clock.run(getToken(fresh))).toBe('token-1');
  clock.advance(10_000);
  expect(await clock.run(Promise.all([getToken(fresh), getToken(fresh)]))).toEqual(['token-2', 'token-2']);
  expect(await token()).toBe('token-2');
  expect(wire.sent).toHaveLength(2);
});

test('where there is no fresh one, whoever asked for it is told why, and the others keep the old one', async () => {
  const { clock, getToken, token, wire } = createSource();
  await token();
  clock.advance(60_000);
  wire.answer(() => refusal(7000222, { error: 'invalid_client' }));
  await expect(clock.run(getToken(fresh))).rejects.toMatchObject({ code: 'auth.secret_expired' });
  expect(await token()).toBe('token-1');
});

test('when a credential expires is known of secrets with a date and of certificates', async () => {
  const { credentialExpiry, vault } = createSource();
  const { certificate, key } = await newCertificate();
  const expiresAt = Date.parse('2027-01-01T00:00:00Z');
  vault.secrets.set('dated', { value: 'x', version: '1', contentType: undefined, expiresAt });
  vault.secrets.set('cert', {
    value: `${key}\n${certificate}`,
    version: '1',
    contentType: 'application/x-pem-file',
  });
  const of = (secretName: string) =>
    credentialExpiry(testTenant(OTHER, { credential: { kind: 'secret', clientId: APP, secretName } }));
  expect(await of('dated')).toBe(expiresAt);
  expect(await of('app-secret')).toBeUndefined();
  await expect(of('nobody')).rejects.toMatchObject({ code: 'vault.not_found' });
  const byCertificate = {
    credential: { kind: 'certificate', clientId: APP, certificateName: 'cert' },
  } as const;
  expect(await credentialExpiry(byCertificate)).toBeGreaterThan(Date.now());
  expect(await credentialExpiry({ credential: { kind: 'managedIdentity' } })).toBeUndefined();
  const reads = vault.reads;
  await of('dated');
  expect(vault.reads).toBe(reads);
});
