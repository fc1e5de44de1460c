import type { LabAnswer } from '../service.ts';
import { CLOUDS, issuerV1, issuerV2, type SignInCloud } from './clouds.ts';
import type { TokenVersion } from './directory.ts';
import type { PublishedKey } from './signing-keys.ts';

/** What the issuer of keys and documents for any tenant says instead of an id. */
const ANY_TENANT = '{tenantid}';

/**
 * A tenant's discovery document, or that of `organizations`, whose issuer is a form to be filled in.
 *
 * @param name the tenant as it stands in the addresses
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export function openIdConfiguration(
  cloud: SignInCloud,
  { name, tenantId = ANY_TENANT }: { readonly name: string; readonly tenantId: string | undefined },
  version: TokenVersion,
): LabAnswer {
  const base = `https://${cloud.host}/${name}`;
  const oauth = version === 1 ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=86400, private' },
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      jwks_uri: version === 1 ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: version === 1 ? issuerV1(tenantId) : issuerV2(tenantId, cloud.name),
      request_uri_parameter_supported: false,
      authorization_endpoint: `${oauth}/authorize`,
      device_authorization_endpoint: `${oauth}/devicecode`,
      end_session_endpoint: `${oauth}/logout`,
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
      tenant_region_scope: 'WW',
      cloud_instance_name: cloud.instanceName,
      cloud_graph_host_name: cloud.name === 'global' ? 'graph.windows.net' : 'graph.microsoftazure.us',
      msgraph_host: cloud.graphHost,
    },
  };
}

/** `GET …/discovery/v2.0/keys`; version 1 of the endpoint leaves the issuer out. */
export function keySet(
  cloud: SignInCloud,
  tenantId: string | undefined,
  version: TokenVersion,
  keys: readonly PublishedKey[],
): LabAnswer {
  const issuer = version === 1 ? {} : { issuer: issuerV2(tenantId ?? ANY_TENANT, cloud.name) };
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=86400, private' },
    body: { keys: keys.map((key) => ({ ...key, ...issuer })) },
  };
}

/** `GET /common/discovery/instance`: which sign-in hosts are the same one. */
export function instanceDiscovery(authorizationEndpoint: string | null): LabAnswer {
  const tenant = authorizationEndpoint?.replace(/\/oauth2\/(v2\.0\/)?authorize.*$/, '');
  return {
    status: 200,
    headers: { 'cache-control': 'max-age=86400, private' },
    body: {
      ...(tenant === undefined
        ? {}
        : { tenant_discovery_endpoint: `${tenant}/v2.0/.well-known/openid-configuration` }),
      'api-version': '1.1',
      metadata: Object.values(CLOUDS).map((cloud) => ({
        preferred_network: cloud.host,
        preferred_cache: cloud.host,
        aliases: cloud.aliases,
      })),
    },
  };
}
