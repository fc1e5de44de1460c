import { describe, expect, test } from 'vitest';
import type { LabAnswer } from '../../../lab/service.ts';
import { createLab, GOVERNMENT, HOME, request, verdictOf } from './fixture.ts';

const get = (path: string, host = 'login.microsoftonline.com'): Promise<LabAnswer> =>
  createLab().entra.service.handle(request('GET', `https://${host}${path}`));

describe('discovery', () => {
  test('of version 2', async () => {
    const base = `https://login.microsoftonline.com/${HOME}`;
    expect((await get(`/${HOME}/v2.0/.well-known/openid-configuration`)).body).toMatchObject({
      issuer: `${base}/v2.0`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      msgraph_host: 'graph.microsoft.com',
    });
  });

  test('of version 1 has the other issuer', async () => {
    expect((await get(`/${HOME}/.well-known/openid-configuration`)).body).toMatchObject({
      issuer: `https://sts.windows.net/${HOME}/`,
      jwks_uri: `https://login.microsoftonline.com/${HOME}/discovery/keys`,
    });
  });

  test('at the government host, for its own tenants only', async () => {
    const path = `/${GOVERNMENT}/v2.0/.well-known/openid-configuration`;
    expect((await get(path, 'login.microsoftonline.us')).body).toMatchObject({
      issuer: `https://login.microsoftonline.us/${GOVERNMENT}/v2.0`,
      msgraph_host: 'graph.microsoft.us',
    });
    expect(verdictOf(await get(path))).toEqual({ status: 400, error: 'invalid_tenant', number: 90002 });
  });

  test('and keys of a tenant that is not there', async () => {
    const nobody = '/99999999-9999-4999-8999-999999999999';
    for (const path of ['/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys']) {
      const answer = await get(`${nobody}${path}`);
      expect(verdictOf(answer)).toEqual({ status: 400, error: 'invalid_tenant', number: 90002 });
    }
  });

  test('of `organizations` leaves the issuer open', async () => {
    expect((await get('/organizations/v2.0/.well-known/openid-configuration')).body).toMatchObject({
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      authorization_endpoint: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize',
    });
  });

  test('of instances tells the hosts that are one', async () => {
    const endpoint = `https://login.microsoftonline.com/${HOME}/oauth2/v2.0/authorize`;
    const { body } = await get(
      `/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(endpoint)}`,
    );
    expect(body).toMatchObject({
      tenant_discovery_endpoint: `https://login.microsoftonline.com/${HOME}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
    });
    const { metadata } = body as { metadata: { preferred_network: string; aliases: string[] }[] };
    expect(metadata.find((entry) => entry.aliases.includes('login.windows.net'))?.preferred_network).toBe(
      'login.microsoftonline.com',
    );
    expect(
      metadata.find((entry) => entry.aliases.includes('login.microsoftonline.us'))?.aliases,
    ).not.toContain('login.microsoftonline.com');
  });
});
