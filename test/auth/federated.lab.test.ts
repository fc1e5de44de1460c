import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AuthLab, startAuthLab, tenantRecord, until } from './auth-lab.ts';

let lab: AuthLab;
let tenant: string;
let clientId: string;

beforeAll(async () => {
  lab = await startAuthLab();
  const [first] = lab.cloud.world.tenants;
  if (first === undefined) throw new Error('the lab has no tenant');
  tenant = first.id;
  clientId = first.credential.clientId;
});
afterAll(() => lab?.stop());
beforeEach(async () => {
  await lab.restart([tenantRecord(tenant, { kind: 'federated', clientId })]);
  lab.cloud.entra.requests.reset();
  lab.cloud.identity.resetRequests();
});
afterEach(() => {
  lab.cloud.faults.clear();
  lab.cloud.identity.setFault();
});

const MINUTE = 60_000;
const sent = () => lab.cloud.entra.requests.of(tenant);

test('gets a token of the tenant by the identity of another tenant, and keeps it', async () => {
  const token = await lab.token(tenant);
  expect(decodeJwt(token)).toMatchObject({
    tid: tenant,
    appid: clientId,
    aud: 'https://graph.microsoft.com',
  });
  expect(decodeJwt(token).roles).toContain('SecurityIncident.Read.All');
  expect(await lab.token(tenant)).toBe(token);
  expect(sent().token).toBe(1);
});

test('a hundred cold callers send one request for a token, at most one for discovery, one for the assertion', async () => {
  const answers = await lab.tokens({ tenant }, 100);
  expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
  expect(answers[0]?.token).toBeTypeOf('string');
  expect(sent().token).toBe(1);
  expect(sent().discovery).toBeLessThanOrEqual(1);
  expect(lab.cloud.entra.requests.instanceDiscovery()).toBe(0);
  expect(lab.cloud.identity.requests()).toBe(1);
});

test('refreshes in the background, and serves the last good token through an outage until it expires', async () => {
  lab.cloud.entra.settings.tokenLifetimeSeconds = 3600;
  const first = await lab.token(tenant);
  await lab.advance(56 * MINUTE);
  expect(await lab.token(tenant)).toBe(first);
  await until(async () => (await lab.token(tenant)) !== first);
  const second = await lab.token(tenant);
  expect(sent().token).toBe(2);

  lab.cloud.faults.add({ service: 'entra', status: 503, body: '<html>down</html>', retryAfter: 1 });
  await lab.advance(56 * MINUTE);
  for (let call = 0; call < 20; call += 1) expect(await lab.token(tenant)).toBe(second);
  await lab.advance(4 * MINUTE);
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'auth.unavailable',
    message: expect.stringContaining('status 503'),
  });
  lab.cloud.faults.clear();
  expect(await lab.token(tenant)).not.toBe(second);
});

test('survives one cut connection, and a refused token is replaced once', async () => {
  lab.cloud.faults.add({ service: 'entra', cut: 'before', times: 1 });
  const token = await lab.token(tenant);
  const [replaced] = await lab.tokens({ tenant, refused: token });
  expect(replaced?.token).toBeTypeOf('string');
  expect(replaced?.token).not.toBe(token);
  expect(await lab.failure({ tenant, refused: replaced?.token ?? '' })).toMatchObject({
    code: 'auth.refused',
  });
  expect(sent().token).toBe(2);
});

test('names what is missing when the app does not trust the identity', async () => {
  const app = lab.cloud.directory.apps.find(({ appId }) => appId === clientId);
  const trusted = app?.federated.splice(0) ?? [];
  const error = await lab.failure({ tenant });
  app?.federated.push(...trusted);
  expect(error.code).toBe('auth.assertion_refused');
  expect(error.message).toContain(clientId);
  expect(error.message).toContain(trusted[0]?.issuer);
  expect(error.message).toContain(trusted[0]?.subject);
  expect(error.facts).toMatchObject({ tenant, serviceCode: 'AADSTS700211' });
});

test('an app that the tenant does not know, a tenant that nobody knows', async () => {
  const nobody = '99999999-9999-4999-8999-999999999999';
  await lab.restart([
    tenantRecord(tenant, { kind: 'federated', clientId: nobody }),
    tenantRecord(nobody, { kind: 'federated', clientId }),
  ]);
  expect(await lab.failure({ tenant })).toMatchObject({ code: 'auth.app_not_in_tenant' });
  expect(await lab.failure({ tenant: nobody })).toMatchObject({ code: 'auth.tenant_unknown' });
});

test('without an identity endpoint, and with an identity that is not assigned', async () => {
  lab.cloud.identity.setFault({ status: 400 });
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'auth.managed_identity_unavailable',
    message: expect.stringContaining('no such identity'),
    facts: { tenant, status: 400 },
  });
  lab.cloud.identity.setFault({ down: true });
  expect(await lab.failure({ tenant })).toMatchObject({ code: 'auth.managed_identity_unavailable' });
  lab.cloud.identity.setFault();
  expect(await lab.token(tenant)).toBeTypeOf('string');
});

test('outside of Azure there is no managed identity', async () => {
  await lab.restart(
    [tenantRecord(tenant, { kind: 'federated', clientId })],
    ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
  );
  expect(await lab.failure({ tenant })).toMatchObject({
    code: 'auth.managed_identity_unavailable',
    facts: { tenant },
  });
  expect(lab.cloud.refused().map(({ target }) => new URL(target).host)).toContain('169.254.169.254');
});

test('identities of the same process do not mix', async () => {
  const { storage, federation } = lab.cloud.world.identities;
  const scope = 'https://storage.azure.com/.default';
  const [one, other] = await Promise.all([
    lab.identityToken(storage.clientId, scope),
    lab.identityToken(federation.clientId, scope),
  ]);
  expect(decodeJwt(one.token ?? '').oid).toBe(storage.objectId);
  expect(decodeJwt(other.token ?? '').oid).toBe(federation.objectId);
});

test('no error shows a token, an assertion or a secret', async () => {
  await lab.token(tenant);
  lab.cloud.faults.add({
    service: 'entra',
    status: 400,
    body: { error: 'invalid_client', error_codes: [700024] },
  });
  await lab.advance(120 * MINUTE);
  const errors = [await lab.failure({ tenant })];
  lab.cloud.faults.clear();
  lab.cloud.faults.add({ service: 'entra', cut: 'before' });
  errors.push(await lab.failure({ tenant }));
  expect(errors.map(({ code }) => code)).toEqual(['auth.assertion_refused', 'auth.unavailable']);
  expect(lab.secrets.length).toBeGreaterThan(1);
  for (const { inspected } of errors) {
    for (const secret of lab.secrets) expect(inspected).not.toContain(secret);
  }
});
