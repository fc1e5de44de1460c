import type { Directory, DirectoryApp, FederatedCredential, ManagedIdentity } from './entra/directory.ts';
import type { World, WorldIdentity, WorldTenant } from './world.ts';

/** What an app that reads incidents and hunts may do, by resource. Both sets always, as a tenant may change its API. */
const READER_ROLES: Readonly<Record<string, readonly string[]>> = {
  'https://graph.microsoft.com': [
    'SecurityIncident.Read.All',
    'SecurityAlert.Read.All',
    'ThreatHunting.Read.All',
  ],
  'https://api.security.microsoft.com': ['Incident.Read.All', 'AdvancedHunting.Read.All'],
};

const NEVER = Number.MAX_SAFE_INTEGER;
const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg-outrider-lab';

/**
 * The world as Entra ID sees it: tenants, app registrations with their grants and credentials, identities.
 *
 * @param secrets the app secrets, by name of the Key Vault secret that holds them
 */
export function directoryOfWorld(world: World, secrets: ReadonlyMap<string, string>): Directory {
  return {
    tenants: [world.home, ...world.tenants].map(({ id, name }) => ({ id, name })),
    apps: [
      plainApp(world, world.api),
      plainApp(world, world.caller),
      multiTenantReader(world),
      ...world.tenants.flatMap((tenant) => customersOwnApp(tenant, secrets)),
    ],
    managedIdentities: Object.values(world.identities).map((identity) => managedIdentity(world, identity)),
  };
}

function plainApp({ home }: World, { name, clientId }: World['api']): DirectoryApp {
  return {
    appId: clientId,
    homeTenantId: home.id,
    displayName: name,
    secrets: [],
    certificates: [],
    federated: [],
    grants: { [home.id]: {} },
  };
}

function multiTenantReader(world: World): DirectoryApp {
  const customers = world.tenants.filter(({ credential }) => credential.kind === 'federated');
  return {
    ...plainApp(world, world.reader),
    federated: [federation(world)],
    grants: Object.fromEntries([[world.home.id, {}], ...customers.map(({ id }) => [id, readerRoles()])]),
  };
}

function customersOwnApp(
  { id, name, credential }: WorldTenant,
  secrets: ReadonlyMap<string, string>,
): DirectoryApp[] {
  if (credential.kind !== 'secret') return [];
  const value = secrets.get(credential.secretName);
  if (value === undefined) throw new Error(`The lab has made no secret ${credential.secretName}.`);
  return [
    {
      appId: credential.clientId,
      homeTenantId: id,
      displayName: `Incidents of ${name}`,
      secrets: [{ value, expiresAt: NEVER }],
      certificates: [],
      federated: [],
      grants: { [id]: readerRoles() },
    },
  ];
}

function readerRoles(): Record<string, string[]> {
  return Object.fromEntries(Object.entries(READER_ROLES).map(([resource, roles]) => [resource, [...roles]]));
}

/** Trust in the federation identity: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
function federation({ home, identities }: World): FederatedCredential {
  return {
    issuer: `https://login.microsoftonline.com/${home.id}/v2.0`,
    subject: identities.federation.objectId,
    audience: 'api://AzureADTokenExchange',
  };
}

function managedIdentity({ home }: World, { name, clientId, objectId }: WorldIdentity): ManagedIdentity {
  return {
    name,
    clientId,
    principalId: objectId,
    resourceId: `${SUBSCRIPTION}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    tenantId: home.id,
    kind: 'user',
  };
}
