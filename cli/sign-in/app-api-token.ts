import { createOutrider } from '../../shared/app.ts';
import { type Config, requirePart } from '../../shared/config.ts';
import type { Credential, Resource, Tenant } from '../../shared/tenant.ts';
import { EXIT, fail } from '../output/failure.ts';

/** As error texts name it. */
const API = 'the Outrider API';
/** Kinds whose app can be at home in the directory of the API, though they are configured for another one. */
const KINDS_AT_HOME: readonly Credential['kind'][] = ['federated', 'managedIdentity', 'certificate'];

/**
 * A token for the Outrider API as the app of the settings: the one that reads the API's own directory, else the one
 * that reads customers and is registered there.
 *
 * @throws OutriderError `config.invalid`, `auth.*`
 */
export async function apiTokenOfApp(config: Config): Promise<string> {
  const api = requirePart(config, 'api');
  const from = appAtHome(config.tenants, api.tenantId);
  const tenant: Tenant = { ...from, id: api.tenantId, name: 'of the Outrider API', enabled: true };
  // One more resource of that cloud. Its name is no `Resource`, for nothing but this is ever asked of it.
  const resource = API as string as Resource;
  const resources = {
    ...config.cloud.resources,
    [API]: { origin: config.cloud.signIn, scope: `api://${api.clientId}/.default` },
  };
  const cloud = { ...config.cloud, resources };
  return createOutrider({ ...config, cloud, tenants: [tenant] }).getToken({ tenant: tenant.id, resource });
}

function appAtHome(tenants: readonly Tenant[], home: string): Tenant {
  const own = tenants.find(({ id }) => id === home);
  const other = KINDS_AT_HOME.map((kind) => tenants.find(({ credential }) => credential.kind === kind));
  return (
    own ??
    other.find((tenant) => tenant !== undefined) ??
    fail(
      EXIT.usage,
      `The settings configure no app that could sign in to the directory of the Outrider API (${home}). Use --as user, or set OUTRIDER_TENANT_ID, OUTRIDER_CLIENT_ID and OUTRIDER_CREDENTIAL for it.`,
    )
  );
}
