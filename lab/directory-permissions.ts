import type { DelegatedConsent, RequiredPermission } from './entra/directory.ts';

const GRAPH = 'https://graph.microsoft.com';
const XDR = 'https://api.security.microsoft.com';
const MDE = 'https://api.securitycenter.microsoft.com';

const PERSON: readonly RequiredPermission[] = [
  {
    resource: GRAPH,
    roles: [],
    scopes: [
      'SecurityIncident.Read.All',
      'SecurityIncident.ReadWrite.All',
      'SecurityAlert.Read.All',
      'ThreatHunting.Read.All',
    ],
  },
  {
    resource: XDR,
    roles: [],
    scopes: ['Incident.Read', 'Incident.ReadWrite', 'AdvancedHunting.Read'],
  },
  { resource: MDE, roles: [], scopes: ['Machine.Read', 'Machine.Isolate'] },
];

/** What the app registrations of the lab ask for. */
export const REQUIRED = {
  /** An app that reads incidents and hunts. Both families always, as a tenant may change its API. */
  reader: [
    {
      resource: GRAPH,
      roles: ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'ThreatHunting.Read.All'],
      scopes: [],
    },
    { resource: XDR, roles: ['Incident.Read.All', 'AdvancedHunting.Read.All'], scopes: [] },
  ],
  /** A person at the command line, without Outrider's own API. */
  person: PERSON,
  /** The Outrider API, on behalf of its callers. */
  api: PERSON,
} as const satisfies Readonly<Record<string, readonly RequiredPermission[]>>;

/** App roles, granted: a fresh object, since tests change what an app has. */
export function rolesByResource(required: readonly RequiredPermission[]): Record<string, string[]> {
  return Object.fromEntries(required.map(({ resource, roles }) => [resource, [...roles]]));
}

/** What the admins of these tenants have consented to. */
export function consentsOf(
  required: readonly RequiredPermission[],
  tenantIds: readonly string[],
): DelegatedConsent[] {
  return tenantIds.flatMap((tenantId) =>
    required.map(({ resource, scopes }) => ({ tenantId, resource, scopes: [...scopes] })),
  );
}
