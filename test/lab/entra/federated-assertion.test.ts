import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { issuerV2 } from '../../../lab/entra/clouds.ts';
import type { TokenOrder } from '../../../lab/entra/token-issuer.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import {
  accessToken,
  byAssertion,
  CUSTOMER,
  createLab,
  EXCHANGE,
  FEDERATION_IDENTITY,
  HOME,
  type Lab,
  NOON,
  READER,
  tokenRequest,
  verdictOf,
} from './fixture.ts';

const ORDER: TokenOrder = {
  tenantId: HOME,
  appId: FEDERATION_IDENTITY.clientId,
  objectId: FEDERATION_IDENTITY.principalId,
  audience: EXCHANGE,
  version: 2,
  managedIdentityResource: FEDERATION_IDENTITY.resourceId,
};

/** An assertion as the managed identity endpoint gives it, and the sign-in with it at the customer's. */
async function signIn(lab: Lab, order: Partial<TokenOrder> = {}): Promise<LabAnswer> {
  return lab.entra.service.handle(tokenRequest(byAssertion(await lab.entra.issue({ ...ORDER, ...order }))));
}

test('a managed identity signs the app in, in another tenant too', async () => {
  const lab = createLab();
  const answer = await signIn(lab);
  expect(answer.status).toBe(200);
  expect(decodeJwt(accessToken(answer))).toMatchObject({ appid: READER, tid: CUSTOMER, appidacr: '2' });
});

describe('no record of the app matches', () => {
  test.each<[string, Partial<Record<'issuer' | 'subject' | 'audience', string>>, number]>([
    ['the issuer', { issuer: issuerV2(CUSTOMER) }, 700211],
    ['the audience', { audience: `${EXCHANGE}USGov` }, 700212],
    ['the subject', { subject: FEDERATION_IDENTITY.clientId }, 700213],
    ['the subject by case alone', { subject: FEDERATION_IDENTITY.principalId.toUpperCase() }, 7002138],
  ])('%s', async (_what, change, number) => {
    const lab = createLab();
    lab.reader.federated = lab.reader.federated.map((credential) => ({ ...credential, ...change }));
    expect(verdictOf(await signIn(lab))).toEqual({ status: 401, error: 'invalid_client', number });
    lab.entra.settings.federatedMismatch = 'general';
    expect(verdictOf(await signIn(lab))).toEqual({ status: 400, error: 'invalid_request', number: 70021 });
  });

  test('at all, once the credential is deleted', async () => {
    const lab = createLab();
    lab.reader.federated = [];
    expect(verdictOf(await signIn(lab)).number).toBe(700211);
  });

  test('as a whole: subject of one record and audience of another do not add up', async () => {
    const lab = createLab();
    const [good] = lab.reader.federated;
    if (good === undefined) throw new Error('The fixture has a federated credential.');
    lab.reader.federated = [
      { ...good, audience: 'api://other' },
      { ...good, subject: 'somebody else' },
    ];
    expect(verdictOf(await signIn(lab)).number).toBe(700212);
  });
});

describe('refused', () => {
  test('an assertion outside of its lifetime, after a little skew', async () => {
    const lab = createLab();
    const assertion = await lab.entra.issue({ ...ORDER, lifetimeSeconds: 60 });
    const attempt = (): Promise<LabAnswer> => lab.entra.service.handle(tokenRequest(byAssertion(assertion)));
    lab.clock.time = NOON + 359_000;
    expect((await attempt()).status).toBe(200);
    lab.clock.time = NOON + 360_000;
    expect(verdictOf(await attempt())).toEqual({ status: 401, error: 'invalid_client', number: 700024 });
  });

  test('an assertion of another lab, though it reads the same', async () => {
    const assertion = await createLab().entra.issue(ORDER);
    const { entra } = createLab();
    const answer = await entra.service.handle(tokenRequest(byAssertion(assertion)));
    expect(verdictOf(answer)).toEqual({ status: 401, error: 'invalid_client', number: 700027 });
  });

  test('an assertion whose key was dropped', async () => {
    const { entra } = createLab();
    const assertion = await entra.issue(ORDER);
    await entra.rotateKeys();
    expect((await entra.service.handle(tokenRequest(byAssertion(assertion)))).status).toBe(200);
    await entra.dropOldKeys();
    expect(verdictOf(await entra.service.handle(tokenRequest(byAssertion(assertion)))).number).toBe(700027);
  });

  test("an app's token: only managed identities may vouch", async () => {
    const { managedIdentityResource: _none, ...plain } = ORDER;
    const { entra } = createLab();
    const answer = await entra.service.handle(tokenRequest(byAssertion(await entra.issue(plain))));
    expect(verdictOf(answer)).toEqual({ status: 401, error: 'invalid_client', number: 700226 });
  });

  test('a managed identity of another tenant than the one the app is registered in', async () => {
    const lab = createLab();
    lab.reader.federated = lab.reader.federated.map((credential) => ({
      ...credential,
      issuer: issuerV2(CUSTOMER),
    }));
    const verdict = verdictOf(await signIn(lab, { tenantId: CUSTOMER }));
    expect(verdict).toEqual({ status: 401, error: 'invalid_client', number: 700236 });
  });

  test('an access token of the same identity, which has the other issuer', async () => {
    const lab = createLab();
    const verdict = verdictOf(await signIn(lab, { audience: 'https://storage.azure.com', version: 1 }));
    expect(verdict.number).toBe(700211);
  });

  test('an issuer outside of the lab, whose keys nobody can fetch', async () => {
    const lab = createLab();
    const issuer = 'https://token.actions.githubusercontent.com';
    lab.reader.federated.push({ issuer, subject: 'repo', audience: EXCHANGE });
    const claims = { iss: issuer, sub: 'repo', aud: EXCHANGE, exp: NOON / 1000 + 60 };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256', kid: 'x' })}.${part(claims)}.c2ln`;
    const answer = await lab.entra.service.handle(tokenRequest(byAssertion(token)));
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_request', number: 50166 });
  });
});
