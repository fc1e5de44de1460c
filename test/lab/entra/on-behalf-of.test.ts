import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { revokeConsents } from '../../../lab/entra/consents.ts';
import { bodyOf, claimsOf, createExchangeLab, exchange } from './exchange.ts';
import {
  ANALYST,
  API,
  byAssertion,
  CUSTOMER,
  EXCHANGE,
  FEDERATION_IDENTITY,
  GRAPH,
  GUEST,
  HOME,
  type Lab,
  READER,
  userToken,
  verdictOf,
} from './fixture.ts';

const MINUTE = 60_000;

let lab: Lab;
beforeEach(() => {
  lab = createExchangeLab();
});

describe('a user’s token is exchanged', () => {
  test('for one of Graph that names the user, the middle tier and what it may do', async () => {
    const answer = await exchange(lab);
    expect(answer.status).toBe(200);
    expect(claimsOf(answer)).toMatchObject({
      aud: GRAPH,
      iss: `https://sts.windows.net/${HOME}/`,
      appid: API,
      appidacr: '1',
      idtyp: 'user',
      oid: ANALYST,
      name: 'Ana Analyst',
      upn: 'ana@contoso.example',
      scp: 'SecurityIncident.Read.All ThreatHunting.Read.All',
      tid: HOME,
      ver: '1.0',
    });
    expect(claimsOf(answer).roles).toBeUndefined();
    expect(bodyOf(answer).scope?.split(' ')).toEqual([
      `${GRAPH}/SecurityIncident.Read.All`,
      `${GRAPH}/ThreatHunting.Read.All`,
      `${GRAPH}/.default`,
    ]);
    expect(JSON.parse(Buffer.from(bodyOf(answer).client_info ?? '', 'base64url').toString())).toEqual({
      uid: ANALYST,
      utid: HOME,
    });
    expect(bodyOf(answer).refresh_token).toBeUndefined();
    expect(bodyOf(answer).id_token).toBeUndefined();
  });

  test('with a refresh token and an id token when it is asked for them', async () => {
    const scope = `${GRAPH}/.default openid profile offline_access`;
    const answer = await exchange(lab, { form: { scope } });
    expect(bodyOf(answer).refresh_token).toMatch(/^1\.A[\w-]{100,}$/);
    expect(decodeJwt(bodyOf(answer).id_token ?? '')).toMatchObject({ aud: API, oid: ANALYST, ver: '2.0' });
    for (const name of ['refresh_token', 'id_token', 'access_token']) {
      expect(lab.secrets).toContain(bodyOf(answer)[name]);
    }
  });

  test('by a federated assertion instead of a secret', async () => {
    const proof = await lab.entra.issue({
      tenantId: HOME,
      appId: FEDERATION_IDENTITY.clientId,
      audience: EXCHANGE,
      version: 2,
      objectId: FEDERATION_IDENTITY.principalId,
      managedIdentityResource: FEDERATION_IDENTITY.resourceId,
    });
    const answer = await exchange(lab, { form: byAssertion(proof) });
    expect(claimsOf(answer)).toMatchObject({ appidacr: '2', oid: ANALYST });
  });

  test('in another tenant, as the guest that the user is there', async () => {
    expect(claimsOf(await exchange(lab, { tenant: CUSTOMER }))).toMatchObject({ tid: CUSTOMER, oid: GUEST });
  });

  test('with what the user may do at the API, when that is what is asked for', async () => {
    lab.api.consents?.push({ tenantId: HOME, resource: API, scopes: ['access_as_user'] });
    const answer = await exchange(lab, { form: { scope: `api://${API}/access_as_user` } });
    expect(claimsOf(answer)).toMatchObject({
      aud: API,
      azp: API,
      preferred_username: 'ana@contoso.example',
      roles: ['Incidents.Read'],
      scp: 'access_as_user',
      ver: '2.0',
    });
  });
});

describe('an assertion is refused', () => {
  test('when it is for another app', async () => {
    const assertion = await userToken(lab, { audience: READER });
    expect(verdictOf(await exchange(lab, { assertion }))).toEqual({
      status: 400,
      error: 'invalid_grant',
      number: 500131,
    });
  });

  test('when its signature is another’s, or a key’s that is gone', async () => {
    const [head, , signature] = (await userToken(lab)).split('.');
    const claims = { ...decodeJwt(await userToken(lab)), oid: GUEST };
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    expect(verdictOf(await exchange(lab, { assertion: forged })).number).toBe(50013);
    const old = await userToken(lab);
    await lab.entra.rotateKeys();
    expect((await exchange(lab, { assertion: old })).status).toBe(200);
    await lab.entra.dropOldKeys();
    expect(verdictOf(await exchange(lab, { assertion: old })).number).toBe(50013);
  });

  test('when it has expired', async () => {
    const assertion = await userToken(lab, { lifetimeSeconds: 600 });
    lab.clock.time += 14 * MINUTE;
    expect((await exchange(lab, { assertion })).status).toBe(200);
    lab.clock.time += MINUTE;
    expect(verdictOf(await exchange(lab, { assertion }))).toMatchObject({
      error: 'invalid_grant',
      number: 500133,
    });
  });

  test('when it is an app’s own token', async () => {
    const assertion = await lab.entra.issue({ tenantId: HOME, appId: READER, audience: API });
    expect(verdictOf(await exchange(lab, { assertion }))).toEqual({
      status: 400,
      error: 'unauthorized_client',
      number: 7000114,
    });
  });

  test('when it is no token at all, or none is sent', async () => {
    expect(verdictOf(await exchange(lab, { assertion: 'garbage' })).number).toBe(50027);
    expect(verdictOf(await exchange(lab, { assertion: '' })).number).toBe(900144);
    expect(verdictOf(await exchange(lab, { form: { requested_token_use: 'guess' } })).number).toBe(900144);
  });

  test('when the client does not prove itself', async () => {
    const wrong = await exchange(lab, { form: { client_secret: 'wrong' } });
    expect(verdictOf(wrong)).toEqual({ status: 401, error: 'invalid_client', number: 7000215 });
  });
});

describe('the user or the app may not', () => {
  test('without consent, and again when it was revoked', async () => {
    revokeConsents(lab.api, HOME);
    const answer = await exchange(lab);
    expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_grant', number: 65001 });
    expect(bodyOf(answer).suberror).toBe('consent_required');
    expect((await exchange(lab, { tenant: CUSTOMER })).status).toBe(200);
  });

  test('do what nobody has consented to', async () => {
    const scope = `${GRAPH}/SecurityIncident.ReadWrite.All`;
    expect(verdictOf(await exchange(lab, { form: { scope } })).number).toBe(65001);
  });

  test('as a guest of a tenant that has not invited the user', async () => {
    lab.directory.users.splice(2, 1);
    expect(verdictOf(await exchange(lab, { tenant: CUSTOMER })).number).toBe(50020);
  });

  test('when the user is disabled, deleted or not assigned', async () => {
    lab.api.assignmentRequired = true;
    expect((await exchange(lab)).status).toBe(200);
    lab.analyst.appRoles = {};
    expect(verdictOf(await exchange(lab))).toMatchObject({ error: 'invalid_grant', number: 50105 });
    lab.analyst.isEnabled = false;
    expect(verdictOf(await exchange(lab)).number).toBe(50057);
    lab.directory.users.splice(0, 1);
    expect(verdictOf(await exchange(lab)).number).toBe(50034);
  });

  test('when the API is not installed in the tenant, or the resource is not there', async () => {
    const xdr = 'https://api.security.microsoft.com';
    const [home] = lab.directory.tenants;
    if (home) home.resources = [GRAPH];
    expect(verdictOf(await exchange(lab, { form: { scope: `${xdr}/.default` } }))).toEqual({
      status: 400,
      error: 'invalid_resource',
      number: 500011,
    });
    delete lab.api.grants[HOME];
    expect(verdictOf(await exchange(lab)).number).toBe(700016);
  });

  test('name two resources at once, or a scope that the API does not have', async () => {
    const two = `${GRAPH}/.default https://api.security.microsoft.com/.default`;
    expect(verdictOf(await exchange(lab, { form: { scope: two } })).number).toBe(28000);
    expect(verdictOf(await exchange(lab, { form: { scope: `${API}/everything` } })).number).toBe(65005);
  });
});
