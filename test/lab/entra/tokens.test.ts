import { X509Certificate } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  API,
  accessToken,
  CUSTOMER,
  createLab,
  GRAPH,
  HOME,
  type Lab,
  NOON,
  READER,
  request,
  tokenRequest,
} from './fixture.ts';

const SECONDS = NOON / 1000;

async function publishedKeys(
  { entra }: Lab,
  tenant: string,
  path = 'discovery/v2.0/keys',
): Promise<JSONWebKeySet> {
  const answer = await entra.service.handle(
    request('GET', `https://login.microsoftonline.com/${tenant}/${path}`),
  );
  return answer.body as JSONWebKeySet;
}

describe('the claims', () => {
  test('of a Graph token: version 1, from the tenant asked', async () => {
    const lab = createLab();
    lab.entra.settings.tokenLifetimeSeconds = 3599;
    const token = accessToken(await lab.entra.service.handle(tokenRequest()));
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet(await publishedKeys(lab, CUSTOMER)),
      { issuer: `https://sts.windows.net/${CUSTOMER}/`, audience: GRAPH, currentDate: new Date(NOON) },
    );
    expect(protectedHeader).toMatchObject({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) });
    expect(payload).toMatchObject({
      appid: READER,
      appidacr: '1',
      idtyp: 'app',
      tid: CUSTOMER,
      roles: ['SecurityIncident.Read.All'],
      ver: '1.0',
      exp: SECONDS + 3599,
      nbf: SECONDS - 300,
      iat: SECONDS - 300,
    });
    expect(payload.sub).toBe(payload.oid);
    expect(payload).not.toHaveProperty('azp');
    expect(payload).not.toHaveProperty('scp');
  });

  test('of a token for our own API: version 2, audience the app id whichever name was asked for', async () => {
    const { entra } = createLab();
    for (const resource of [API, `api://${API}`]) {
      const answer = await entra.service.handle(
        tokenRequest({ scope: `${resource}/.default` }, { tenant: HOME }),
      );
      expect(decodeJwt(accessToken(answer))).toMatchObject({
        aud: API,
        iss: `https://login.microsoftonline.com/${HOME}/v2.0`,
        azp: READER,
        roles: ['Incidents.Read'],
        ver: '2.0',
      });
    }
  });

  test('without roles when the app holds none for the resource', async () => {
    const { entra } = createLab();
    const answer = await entra.service.handle(tokenRequest({ scope: 'https://storage.azure.com/.default' }));
    const claims = decodeJwt(accessToken(answer));
    expect(claims).toMatchObject({ aud: 'https://storage.azure.com', ver: '1.0' });
    expect(claims).not.toHaveProperty('roles');
  });

  test('keep the slash that a scope of two slashes asks for', async () => {
    const { entra } = createLab();
    const answer = await entra.service.handle(tokenRequest({ scope: 'https://vault.azure.net//.default' }));
    expect(decodeJwt(accessToken(answer)).aud).toBe('https://vault.azure.net/');
  });

  test('differ in object id from tenant to tenant, and in uti from token to token', async () => {
    const { entra, reader } = createLab();
    reader.grants[HOME] = {};
    const claims = [];
    for (const tenant of [HOME, CUSTOMER, CUSTOMER]) {
      claims.push(decodeJwt(accessToken(await entra.service.handle(tokenRequest({}, { tenant })))));
    }
    expect(new Set(claims.map(({ uti }) => uti)).size).toBe(3);
    expect(claims[0]?.oid).not.toBe(claims[1]?.oid);
    expect(claims[1]?.oid).toBe(claims[2]?.oid);
  });

  test('of an issued user token: scopes, no roles, a subject of its own', async () => {
    const { entra } = createLab();
    const objectId = '77777777-7777-4777-8777-777777777777';
    const token = await entra.issue({
      tenantId: HOME,
      appId: READER,
      audience: API,
      scopes: ['Incidents.Read', 'Incidents.Sync'],
      objectId,
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ scp: 'Incidents.Read Incidents.Sync', oid: objectId, idtyp: 'user' });
    expect(claims.sub).not.toBe(objectId);
    expect(await entra.judge.verify(`Bearer ${token}`, [API])).toEqual({
      ok: true,
      caller: {
        tenantId: HOME,
        appId: READER,
        roles: [],
        scopes: ['Incidents.Read', 'Incidents.Sync'],
        user: { id: objectId, name: '', defender: 'none' },
      },
    });
  });
});

describe('the keys', () => {
  test('are the same for every tenant, with certificate and thumbprint that fit', async () => {
    const lab = createLab();
    const home = await publishedKeys(lab, HOME);
    const customer = await publishedKeys(lab, CUSTOMER);
    expect(home.keys.map(({ kid }) => kid)).toEqual(customer.keys.map(({ kid }) => kid));
    const [key] = home.keys;
    const certificate = new X509Certificate(Buffer.from(key?.x5c?.[0] ?? '', 'base64'));
    expect(certificate.fingerprint.replaceAll(':', '').toLowerCase()).toBe(
      Buffer.from(key?.x5t ?? '', 'base64url').toString('hex'),
    );
    expect(certificate.publicKey.export({ format: 'jwk' })).toEqual({ kty: 'RSA', n: key?.n, e: key?.e });
    expect(key).toHaveProperty('issuer', `https://login.microsoftonline.com/${HOME}/v2.0`);
    expect((await publishedKeys(lab, HOME, 'discovery/keys')).keys[0]).not.toHaveProperty('issuer');
  });

  test('rotate: old tokens stay good until the old keys are dropped', async () => {
    const lab = createLab();
    const { entra } = lab;
    const before = accessToken(await entra.service.handle(tokenRequest()));
    await entra.rotateKeys();
    const after = accessToken(await entra.service.handle(tokenRequest()));
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect((await publishedKeys(lab, CUSTOMER)).keys).toHaveLength(2);
    expect(await entra.judge.verify(`Bearer ${before}`, [GRAPH])).toMatchObject({ ok: true });
    await entra.dropOldKeys();
    expect((await publishedKeys(lab, CUSTOMER)).keys).toHaveLength(1);
    expect(await entra.judge.verify(`Bearer ${before}`, [GRAPH])).toEqual({ ok: false, reason: 'signature' });
    expect(await entra.judge.verify(`Bearer ${after}`, [GRAPH])).toMatchObject({ ok: true });
  });
});
