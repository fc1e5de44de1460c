import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AuthLab, startAuthLab, tenantRecord, until } from './auth-lab.ts';

const HOUR = 3_600_000;
const GRAPH = 'https://graph.microsoft.com';

let lab: AuthLab;
let home: string;
let clientId: string;
let other: string;

beforeAll(async () => {
  lab = await startAuthLab();
  home = lab.cloud.world.home.id;
  other = lab.cloud.world.tenants[0]?.id ?? '';
  clientId = lab.cloud.world.identities.federation.clientId;
  const identity = lab.cloud.directory.managedIdentities.find((known) => known.clientId === clientId);
  if (identity) identity.grants = { [GRAPH]: ['SecurityIncident.Read.All'] };
});
afterAll(() => lab?.stop());
beforeEach(async () => {
  const credential = { kind: 'managedIdentity', clientId } as const;
  await lab.restart([tenantRecord(home, credential), tenantRecord(other, credential)]);
  lab.cloud.identity.resetRequests();
});
afterEach(() => lab.cloud.identity.setFault());

test('a hundred cold callers: one request to the identity endpoint, none to sign-in; then from memory', async () => {
  const answers = await lab.tokens({ tenant: home }, 100);
  expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
  expect(decodeJwt(answers[0]?.token ?? '')).toMatchObject({ tid: home, aud: GRAPH, appid: clientId });
  await lab.token(home);
  expect(lab.cloud.identity.requests(GRAPH)).toBe(1);
  expect(lab.cloud.entra.requests.of(home).token).toBe(0);
});

test('its token is never used for another tenant', async () => {
  const error = await lab.failure({ tenant: other });
  expect(error).toMatchObject({ code: 'auth.refused', facts: { tenant: other } });
  expect(error.message).toContain('federated');
});

test('refreshes at half its life in the background', async () => {
  const first = await lab.token(home);
  await lab.advance(12.5 * HOUR);
  expect(await lab.token(home)).toBe(first);
  await until(async () => (await lab.token(home)) !== first);
  expect(lab.cloud.identity.requests(GRAPH)).toBe(2);
});

test('the last good token is served while the endpoint is down; after its end the error comes out', async () => {
  const first = await lab.token(home);
  lab.cloud.identity.setFault({ status: 400 });
  await lab.advance(23.9 * HOUR);
  for (let call = 0; call < 5; call += 1) expect(await lab.token(home)).toBe(first);
  await lab.advance(0.1 * HOUR);
  expect(await lab.failure({ tenant: home })).toMatchObject({
    code: 'auth.managed_identity_unavailable',
    facts: { tenant: home, status: 400 },
  });
});

test('a refused token is not served again, and the platform has no other', async () => {
  const first = await lab.token(home);
  expect(await lab.failure({ tenant: home, refused: first })).toMatchObject({
    code: 'auth.refused',
    facts: { tenant: home },
  });
  expect(lab.cloud.identity.requests(GRAPH)).toBe(1);
});
