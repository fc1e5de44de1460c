import { describe, expect, it } from 'vitest';
import { type PersonAttempt, personError, proxySettings } from '../../cli/sign-in/refusal-words.ts';
import { RESOURCE_NAMES, scopeOf } from '../../cli/sign-in/resources.ts';
import {
  clientIdFor,
  cloudFor,
  cloudOfSignIn,
  directoryIdOf,
  loginTenantFor,
  tenantNamed,
} from '../../cli/sign-in/target.ts';
import { expiryWords } from '../../cli/sign-in/token-words.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { readConfig } from '../../shared/config.ts';
import { OWN_CALLS } from '../../shared/http/own-calls.ts';

const HOME = '11111111-2222-4333-8444-000000000001';
const APP = '11111111-2222-4333-8444-00000000000a';

describe('when a token expires', () => {
  it.each([
    [30, 'in less than a minute'],
    [60, 'in 1 min'],
    [3_599, 'in 59 min'],
    [3_600, 'in 1 h'],
    [86_399, 'in 23 h 59 min'],
    [-1, 'expired less than a minute ago'],
    [-7_260, 'expired 2 h 1 min ago'],
  ])('%i seconds: %s', (seconds, words) => {
    expect(expiryWords(1_000_000 + seconds * 1000, 1_000_000)).toBe(words);
  });
});

describe('where to sign in', () => {
  const env = (more: Record<string, string> = {}) =>
    readConfig({
      OUTRIDER_TENANT_ID: HOME,
      OUTRIDER_TENANT_NAME: 'Fabrikam',
      OUTRIDER_CREDENTIAL: 'managedIdentity',
      ...more,
    });

  it.each([
    [undefined, HOME],
    ['organizations', 'organizations'],
    ['fabrikam', HOME],
    ['Contoso.onmicrosoft.com', 'contoso.onmicrosoft.com'],
    [HOME.toUpperCase(), HOME],
  ])('%s is %s', (wanted, tenant) => {
    expect(loginTenantFor(env(), wanted)).toBe(tenant);
  });

  it('without settings it is wherever the person belongs; with an API, where that is', () => {
    expect(loginTenantFor(readConfig({}), undefined)).toBe('organizations');
    const api = { OUTRIDER_API_CLIENT_ID: APP, OUTRIDER_API_TENANT_ID: HOME.replace('0001', '0002') };
    expect(loginTenantFor(env(api), undefined)).toBe(api.OUTRIDER_API_TENANT_ID);
  });

  it.each([
    ['common', /personal Microsoft accounts/],
    ['consumers', /personal Microsoft accounts/],
    ['organizations', /always for one tenant/],
    ['Northwind', /no tenant "Northwind".*Known by name: Fabrikam/],
    ['a/b', /no tenant "a\/b"/],
    ['x..y', /no tenant/],
    ['', /no tenant ""/],
    [`${HOME}/../other`, /no tenant/],
  ])('%j is no tenant of a token', (wanted, words) => {
    expect(() => tenantNamed(env(), wanted)).toThrow(words);
    expect(() => tenantNamed(env(), wanted)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('a cloud or client id that is none is named', () => {
    expect(cloudFor(env(), 'GCC High').name).toBe('gcchigh');
    expect(() => cloudFor(env(), 'china')).toThrow(/21Vianet/);
    expect(() => cloudFor(env({ OUTRIDER_CLOUD: 'moon' }), undefined)).toThrow(/OUTRIDER_CLOUD: "moon"/);
    expect(() => clientIdFor(env(), undefined)).toThrow(
      /Set OUTRIDER_CLI_CLIENT_ID, or name it by --client-id/,
    );
    expect(() => clientIdFor(env({ OUTRIDER_CLI_CLIENT_ID: 'x' }), undefined)).toThrow(/must be a GUID/);
    expect(() => clientIdFor(env(), 'x')).toThrow(/--client-id must be a GUID/);
    expect(clientIdFor(env({ OUTRIDER_CLI_CLIENT_ID: APP }), undefined)).toBe(APP);
    expect(() => cloudOfSignIn(env(), 'dod')).toThrow(
      /signed in to the cloud dod.*outrider login --cloud global/,
    );
    expect(cloudOfSignIn(readConfig({}), 'dod').name).toBe('dod');
  });

  it('a domain becomes the directory id that sign-in publishes, and nothing else', async () => {
    const asked: string[] = [];
    const answering = (issuer: unknown) => async (url: unknown) => {
      asked.push(String(url));
      return Response.json({ issuer });
    };
    const at = CLOUDS.global;
    expect(await directoryIdOf('contoso.com', at, answering(`${at.signIn}/${HOME}/v2.0`))).toBe(HOME);
    expect(asked).toEqual([`${at.signIn}/contoso.com/v2.0/.well-known/openid-configuration`]);
    for (const issuer of [undefined, 7, 'x', `${at.signIn}/{tenantid}/v2.0`]) {
      await expect(directoryIdOf('contoso.com', at, answering(issuer))).rejects.toThrow(/directory id/);
    }
    const broken = async () => new Response('<html>');
    await expect(directoryIdOf('contoso.com', at, broken)).rejects.toThrow(
      /does not say which tenant contoso.com/,
    );
  });
});

it('every cloud has a scope for every resource, and the Outrider API needs its settings', () => {
  const api = { clientId: APP, tenantId: HOME, callers: 'single-tenant', tenantGroups: undefined } as const;
  for (const cloud of Object.values(CLOUDS)) {
    for (const resource of ['graph', 'xdr', 'mde'] as const) {
      expect(scopeOf(resource, cloud, undefined)).toBe(cloud.resources[resource].scope);
    }
  }
  expect(scopeOf('outrider', CLOUDS.global, api as never)).toBe(`api://${APP}/access_as_user`);
  expect(() => scopeOf('outrider', CLOUDS.global, undefined)).toThrow(/Set OUTRIDER_API_CLIENT_ID/);
  expect(Object.keys(RESOURCE_NAMES)).toHaveLength(4);
});

describe('a refused sign-in', () => {
  const attempt: PersonAttempt = {
    origin: CLOUDS.global.signIn,
    clientId: APP,
    tenant: HOME,
    audience: 'Microsoft Graph',
    again: 'outrider login --resource graph',
    proxy: { url: undefined, used: false },
  };
  const refusal = (number: number, more = {}) =>
    personError({ status: 400, error: 'invalid_grant', number, ...more }, attempt);

  it.each([
    [65001, 'auth.consent_missing', /has not consented.*adminconsent\?client_id=/],
    [90002, 'auth.tenant_unknown', /There is no tenant .*--cloud/],
    [700016, 'auth.app_not_in_tenant', /not the object id/],
    [900382, 'auth.tenant_elsewhere', /another national cloud.*--cloud/],
    [5000225, 'auth.tenant_blocked', /blocked the tenant/],
    [650052, 'auth.api_not_in_tenant', /does not have Microsoft Graph.*licence/],
    [70002, 'auth.refused', /Allow public client flows/],
    [50011, 'auth.refused', /redirect URI http:\/\/localhost/],
    [7000218, 'auth.refused', /Allow public client flows/],
    [50194, 'auth.refused', /--tenant/],
    [50076, 'auth.refused', /see you again.*outrider login --resource graph/],
    [53003, 'auth.access_blocked', /Conditional Access policy.*does not let you/],
    [50105, 'auth.consent_missing', /only assigned people/],
    [50020, 'auth.refused', /guest/],
    [700082, 'auth.refused', /no longer good.*outrider login/],
    [50173, 'auth.refused', /no longer good/],
    [70020, 'auth.refused', /not used in time/],
    [999999, 'auth.refused', /explained at https:\/\/login\.microsoftonline\.com\/error\?code=999999/],
  ])('AADSTS%i has a sentence of its own', (number, code, words) => {
    const error = refusal(number);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`(AADSTS${number})`);
    expect(error).toMatchObject({ code, facts: { serviceCode: `AADSTS${number}` } });
  });

  it.each([
    [{ url: undefined, used: false }, /behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1/],
    [
      { url: 'http://user:word@proxy', used: false },
      /HTTPS_PROXY is set, but is used only with NODE_USE_ENV_PROXY=1/,
    ],
    [{ url: 'http://user:word@proxy', used: true }, /go by the proxy of HTTPS_PROXY/],
  ])('that never came through speaks of the proxy, and shows nothing of it: %j', (proxy, words) => {
    const error = personError({ fault: 'network', faultCode: 'ECONNREFUSED' }, { ...attempt, proxy });
    expect(error).toMatchObject({ code: 'auth.unavailable', message: expect.stringMatching(words) });
    expect(error.message).not.toContain('word');
    const tls = personError(
      { fault: 'network', faultCode: 'SELF_SIGNED_CERT_IN_CHAIN' },
      { ...attempt, proxy },
    );
    expect(tls.message).toMatch(/NODE_EXTRA_CA_CERTS/);
  });

  it('reads the proxy of the environment', () => {
    expect(proxySettings({ https_proxy: 'x', NODE_USE_ENV_PROXY: '1' })).toEqual({ url: 'x', used: true });
    expect(proxySettings({})).toEqual({ url: undefined, used: false });
  });
});

it('the calls of the Outrider API are those that need something', () => {
  const calls = OWN_CALLS;
  expect(calls.length).toBeGreaterThan(15);
  expect(calls.find(({ call }) => call === 'GET /api/tenants')).toEqual({
    call: 'GET /api/tenants',
    roles: ['Tenants.Read'],
    scopes: ['access_as_user'],
    both: true,
  });
  expect(calls.map(({ call }) => call)).not.toContain('GET /api/health');
});
