import { consentsOf, REQUIRED, rolesByResource } from './directory-permissions.ts';
import type { Directory, DirectoryApp, FederatedCredential, ManagedIdentity } from './entra/directory.ts';
import type { DefenderAccess, DirectoryUser } from './entra/users.ts';
import type { Part } from './people.ts';
import type { World, WorldApp, WorldIdentity, WorldPerson, WorldTenant } from './world.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg-outrider-lab';

/**
 * The world as Entra ID sees it: tenants, users, app registrations with their grants and credentials, identities.
 *
 * @param secrets the app secrets, by name of the Key Vault secret that holds them
 */
export function directoryOfWorld(world: World, secrets: ReadonlyMap<string, string>): Directory {
  return {
    tenants: [world.home, ...world.tenants, world.prospect].map(({ id, name }) => ({ id, name })),
    users: world.people.map((person) => directoryUser(world, person)),
    apps: [
      api(world),
      commandLine(world),
      plainApp(world, world.caller),
      multiTenantReader(world),
      ...world.tenants.flatMap((tenant) => customersOwnApp(tenant, secrets)),
    ],
    managedIdentities: Object.values(world.identities).map((identity) => managedIdentity(world, identity)),
  };
}

const DEFENDER: Readonly<Record<Part, DefenderAccess>> = {
  admin: 'write',
  operator: 'write',
  reader: 'read',
  outsider: 'none',
};

const ALL_ROLES = [
  'Incidents.Read',
  'Incidents.Sync',
  'Hunts.Read',
  'Hunts.Run',
  'Tenants.Read',
  'Tenants.Manage',
] as const;

/** App roles of the Outrider API, by what a person is. */
const APP_ROLES: Readonly<Record<Part, readonly string[]>> = {
  admin: ALL_ROLES,
  operator: ['Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run', 'Tenants.Read'],
  reader: ['Incidents.Read', 'Hunts.Read'],
  outsider: [],
};

function directoryUser({ api }: World, { part, ...person }: WorldPerson): DirectoryUser {
  return {
    ...person,
    isAdmin: part === 'admin',
    defender: DEFENDER[part],
    appRoles: { [api.clientId]: [...APP_ROLES[part]] },
  };
}

function plainApp({ home }: World, { name, clientId }: WorldApp): DirectoryApp {
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

/** What callers get tokens for, and what exchanges users' tokens: trusted by the same identity as the reader. */
function api(world: World): DirectoryApp {
  return {
    ...plainApp(world, world.api),
    federated: [federation(world)],
    grants: everywhere(world),
    scopes: ['access_as_user'],
    isMultiTenant: true,
    requires: [...REQUIRED.api],
    consents: consentsOf(REQUIRED.api, tenantIds(world)),
  };
}

function commandLine(world: World): DirectoryApp {
  const requires = [
    { resource: world.api.clientId, roles: [], scopes: ['access_as_user'] },
    ...REQUIRED.person,
  ];
  return {
    ...plainApp(world, world.commandLine),
    grants: everywhere(world),
    isMultiTenant: true,
    isPublicClient: true,
    redirectUris: ['http://localhost', 'http://127.0.0.1'],
    requires,
    consents: consentsOf(requires, tenantIds(world)),
  };
}

function multiTenantReader(world: World): DirectoryApp {
  const customers = world.tenants.filter(({ credential }) => credential.kind === 'federated');
  return {
    ...plainApp(world, world.reader),
    federated: [federation(world)],
    isMultiTenant: true,
    // Where an admin comes back to after consent, whichever port the app has here.
    redirectUris: ['localhost', '127.0.0.1'].map((host) => `http://${host}/api/onboarding/callback`),
    requires: [...REQUIRED.reader],
    grants: Object.fromEntries([
      // At home it is also by what `--as app` calls the API of the deployment.
      [world.home.id, { [world.api.clientId]: [...ALL_ROLES] }],
      ...customers.map(({ id }) => [id, rolesByResource(REQUIRED.reader)]),
    ]),
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
      grants: { [id]: rolesByResource(REQUIRED.reader) },
      requires: [...REQUIRED.reader],
    },
  ];
}

function tenantIds({ home, tenants }: World): readonly string[] {
  return [home, ...tenants].map(({ id }) => id);
}

/** Installed at home and at all customers, without app roles. */
function everywhere(world: World): Record<string, Record<string, string[]>> {
  return Object.fromEntries(tenantIds(world).map((id) => [id, {}]));
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
