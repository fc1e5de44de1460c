import type { Directory, DirectoryApp, DirectoryTenant } from '../../lab/entra/directory.ts';
import type { DirectoryUser } from '../../lab/entra/users.ts';
import type { CrossingTenant } from './tenants.ts';
import { CONTEXT, type CrossingUser, usersOf } from './users.ts';

const ROLES = {
  'https://graph.microsoft.com': [
    'SecurityIncident.Read.All',
    'SecurityAlert.Read.All',
    'ThreatHunting.Read.All',
  ],
  'https://api.security.microsoft.com': ['Incident.Read.All', 'AdvancedHunting.Read.All'],
};
const SCOPES = {
  'https://graph.microsoft.com': ['SecurityIncident.ReadWrite.All', 'ThreatHunting.Read.All'],
  'https://api.security.microsoft.com': ['Incident.Read', 'Incident.ReadWrite', 'AdvancedHunting.Read'],
};
const NEVER = Number.MAX_SAFE_INTEGER;

/** The Outrider API: one app for the users of all tenants. */
export const API = {
  clientId: 'bbbbbbbb-0000-4000-8000-00000000000b',
  secretName: 'secret-of-the-api',
  secret: 'value of secret-of-the-api',
  scope: 'access_as_user',
} as const;
/** What the users call it by. */
export const API_CLIENT = 'cccccccc-0000-4000-8000-00000000000c';

/** These tenants as Entra ID knows them, their users and the Outrider API included. */
export function crossingDirectory(tenants: readonly CrossingTenant[]): Directory {
  const apps = new Map<string, DirectoryApp>();
  for (const { tenant, clientId, secret } of tenants) {
    const app = apps.get(clientId) ?? newApp(clientId, tenant.id, secret);
    app.grants[tenant.id] = ROLES;
    apps.set(clientId, app);
  }
  return {
    tenants: tenants.map(directoryTenant),
    apps: [...apps.values(), apiApp(tenants)],
    users: tenants.flatMap(usersOf).map(directoryUser),
    managedIdentities: [],
  };
}

function directoryTenant(of: CrossingTenant): DirectoryTenant {
  const { id, name } = of.tenant;
  const challenges = usersOf(of)
    .filter(({ mustStepUp }) => mustStepUp)
    .map((user) => ({ kind: 'context', context: CONTEXT, objectId: user.id }) as const);
  return { id, name, challenges };
}

function directoryUser({ id, tenantId, mark, userPrincipalName, guestOf }: CrossingUser): DirectoryUser {
  const guest = guestOf === undefined ? {} : { guestOf };
  return { id, tenantId, name: mark, userPrincipalName, defender: 'write', ...guest };
}

function newApp(appId: string, homeTenantId: string, secret: string): DirectoryApp {
  return {
    appId,
    homeTenantId,
    displayName: appId,
    secrets: [{ value: secret, expiresAt: NEVER }],
    certificates: [],
    federated: [],
    grants: {},
  };
}

function apiApp(tenants: readonly CrossingTenant[]): DirectoryApp {
  const ids = tenants.map(({ tenant }) => tenant.id);
  const app = newApp(API.clientId, ids[0] ?? '', API.secret);
  return {
    ...app,
    scopes: [API.scope],
    grants: Object.fromEntries(ids.map((id) => [id, {}])),
    consents: ids.flatMap((tenantId) =>
      Object.entries(SCOPES).map(([resource, scopes]) => ({ tenantId, resource, scopes })),
    ),
  };
}
