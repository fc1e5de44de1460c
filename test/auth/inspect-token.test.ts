import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { knownAudience } from '../../shared/auth/audiences.ts';
import { inspectToken, type TokenReport } from '../../shared/auth/inspect-token.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { OutriderError } from '../../shared/errors.ts';
import { OWN_CALLS } from '../../shared/http/own-calls.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';
import { APP, TENANT } from './source-fixture.ts';

const API = 'bbbbbbbb-0000-4000-8000-00000000000b';
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: object): string => `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2lnbmF0dXJl`;
const report = (claims: object, verify?: (token: string) => Promise<unknown>): Promise<TokenReport> =>
  inspectToken(tokenOf({ tid: TENANT, oid: 'o', iat: 1_000, exp: 5_000, ...claims }), {
    permissions: PERMISSIONS,
    ownCalls: OWN_CALLS,
    apiClientId: API,
    verify,
  });
const calls = ({ calls: all }: TokenReport) =>
  Object.fromEntries(all.map(({ call, ...verdict }) => [call, verdict]));
const GRAPH = 'https://graph.microsoft.com';

describe('a token for an API of Microsoft', () => {
  it('of an app says what it allows, and the least role that each other call needs', async () => {
    const found = await report({
      aud: GRAPH,
      ...{
        appid: APP,
        app_displayname: 'Reader',
        appidacr: '2',
        ver: '1.0',
        roles: ['SecurityIncident.ReadWrite.All'],
      },
    });
    expect(found.audience).toEqual({ resource: 'graph', name: 'Microsoft Graph', clouds: ['global', 'gcc'] });
    expect(found.claims).toMatchObject({
      ...{ kind: 'app', who: `Reader (${APP})`, tenantId: TENANT, issuedAt: 1_000_000, expiresAt: 5_000_000 },
      clientProof: 'certificate or assertion',
    });
    expect(found.verified).toBeUndefined();
    expect(calls(found)).toMatchObject({
      'read incidents': { allowed: true, missing: [] },
      'update incidents': { allowed: true },
      'run hunting queries': { allowed: false, missing: ['ThreatHunting.Read.All'] },
      'read identity accounts': { allowed: false, missing: ['SecurityIdentitiesAccount.Read.All'] },
    });
    expect(calls(found)).not.toHaveProperty('isolate and release devices');
  });

  it('of a person goes by scopes, whatever roles it has', async () => {
    const found = await report({
      ...{
        aud: 'https://api.security.microsoft.com',
        scp: 'Incident.Read',
        roles: ['AdvancedHunting.Read.All'],
      },
      ...{ name: 'Ann', upn: 'ann@contoso.com', amr: ['pwd', 'mfa'] },
    });
    expect(found.claims).toMatchObject({
      kind: 'user',
      who: 'Ann (ann@contoso.com)',
      signedInBy: ['pwd', 'mfa'],
    });
    expect(calls(found)).toEqual({
      'read incidents': { allowed: true, missing: [] },
      'update incidents': { allowed: false, missing: ['Incident.ReadWrite'] },
      'run hunting queries': { allowed: false, missing: ['AdvancedHunting.Read'] },
    });
  });

  it('is recognised by every audience of every cloud, and by the ids of the APIs', () => {
    for (const { resources, name } of Object.values(CLOUDS)) {
      for (const [resource, { scope }] of Object.entries(resources)) {
        const found = knownAudience(`${scope.replace('/.default', '')}/`);
        expect(found?.resource).toBe(resource);
        expect(found?.clouds).toContain(name);
      }
    }
    expect(knownAudience('FC780465-2017-40D4-A0C5-307022471B92')?.resource).toBe('mde');
    expect(knownAudience('https://vault.azure.net')).toBeUndefined();
  });
});

describe('a token for the Outrider API', () => {
  it('of an app is judged by its roles, route by route', async () => {
    const found = await report({ aud: API, azp: APP, roles: ['Tenants.Read'] }, async () => 'a caller');
    expect(found.verified).toBe(true);
    expect(calls(found)).toMatchObject({
      'GET /api/tenants/{tenantId}/preflight': { allowed: true },
      'GET /api/tenants/{tenantId}/incidents': { allowed: false, missing: ['Incidents.Read'] },
    });
    expect(calls(found)).not.toHaveProperty('GET /api/health');
    expect(Object.keys(calls(found)).filter((call) => call.includes('actAs'))).toEqual([]);
  });

  it('of a person needs the scope and the role', async () => {
    const found = await report({ aud: `api://${API}`, scp: 'openid', roles: [] });
    expect(calls(found)['GET /api/tenants']).toEqual({
      allowed: false,
      missing: ['access_as_user', 'Tenants.Read'],
    });
    const good = await report({ aud: API, scp: 'access_as_user', roles: ['Tenants.Read'] });
    expect(calls(good)['GET /api/tenants']).toEqual({ allowed: true, missing: [] });
    // In their own name no role is needed: it is the API that refuses, and not Outrider.
    const asThemselves = 'POST /api/tenants/{tenantId}/hunts with actAs: user';
    expect(calls(good)[asThemselves]).toEqual({ allowed: true, missing: [] });
    expect(calls(good)['POST /api/tenants/{tenantId}/hunts']).toMatchObject({ allowed: false });
  });

  it('that the API refuses says why, and trouble on the way is thrown', async () => {
    const refuse = (code: 'request.unauthenticated' | 'auth.unavailable') => async () => {
      throw new OutriderError(code, 'The token is refused: it has expired.');
    };
    const found = await report({ aud: API }, refuse('request.unauthenticated'));
    expect(found).toMatchObject({ verified: false, refusal: expect.stringContaining('expired') });
    await expect(report({ aud: API }, refuse('auth.unavailable'))).rejects.toMatchObject({
      code: 'auth.unavailable',
    });
  });

  it('is not verified where it is another’s: only that API can tell', async () => {
    const found = await report({ aud: GRAPH }, () => Promise.reject(new Error('asked')));
    expect(found.verified).toBeUndefined();
  });
});

it('never has the token in it, not even in the error for one that cannot be read', async () => {
  const token = tokenOf({ aud: API, roles: ['Tenants.Read'] });
  const shown = inspect(await inspectToken(token, { permissions: PERMISSIONS }), { depth: 10 });
  for (const part of token.split('.')) expect(shown).not.toContain(part);
  const error = await inspectToken('garbage.that-is.no-token', { permissions: PERMISSIONS }).catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'request.invalid' });
  expect(inspect(error, { depth: 10 })).not.toContain('garbage');
});
