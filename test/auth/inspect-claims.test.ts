import { UnsecuredJWT } from 'jose';
import { expect, it } from 'vitest';
import { inspectClaims } from '../../shared/auth/token-claims.ts';

const TENANT = '11111111-2222-4333-8444-000000000001';
const APP = '11111111-2222-4333-8444-00000000000a';
const words = (claims: Record<string, unknown>) => inspectClaims(new UnsecuredJWT(claims as never).encode());

it('a person: who, by which app, scopes and roles, however the version names them', () => {
  const person = { oid: 'o', tid: TENANT, name: 'Ana', scp: 'a b', roles: ['R'], amr: ['pwd', 'mfa'] };
  const times = { iat: 60, exp: 120 };
  const v1 = words({ ...person, ...times, aud: 'x', ver: '1.0', upn: 'ana@x', appid: APP, appidacr: '0' });
  expect(v1).toMatchObject({
    kind: 'user',
    who: 'Ana (ana@x)',
    appId: APP,
    clientProof: 'nothing (a public client)',
    scopes: ['a', 'b'],
    roles: ['R'],
    signedInBy: ['pwd', 'mfa'],
    issuedAt: 60_000,
    expiresAt: 120_000,
  });
  const v2 = words({ ...person, aud: ['y'], ver: '2.0', preferred_username: 'ana@x', azp: APP, azpacr: '1' });
  expect(v2).toMatchObject({ who: 'Ana (ana@x)', appId: APP, audience: 'y', clientProof: 'secret' });
});

it('an app, also where the token does not say that it is one', () => {
  const claims = { appid: APP, oid: 'o', tid: TENANT, roles: ['ThreatHunting.Read.All'] };
  expect(words(claims)).toMatchObject({ kind: 'app', who: APP, scopes: [] });
  expect(words({ ...claims, idtyp: 'app', scp: 'x' })).toMatchObject({ kind: 'app' });
  expect(words({ ...claims, idtyp: 'user' })).toMatchObject({ kind: 'user' });
});

it('what is none is an error; claims of other types are none', () => {
  for (const text of ['opaque', '', 'a.b.c']) {
    expect(() => inspectClaims(text)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  }
  expect(words({ scp: 7, roles: 'R', tid: null, amr: [1, 'pwd'], exp: 'soon' })).toMatchObject({
    scopes: [],
    roles: [],
    tenantId: undefined,
    signedInBy: ['pwd'],
    expiresAt: undefined,
  });
});
