/** How each route is asked so that it has a good answer. A route that is not in here fails the first test. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The route as it is registered, and the parameters that it needs. */
  readonly template: string;
  /** App role that opens it; any role does for health. */
  readonly role: string;
  readonly statuses: readonly number[];
  readonly body?: object;
}

const TENANT = '/api/tenants/{tenantId}';
export const INCIDENT = `${TENANT}/incidents/{incidentId}`;
const RUN = '/api/hunts/{runId}';
export const HUNT = { query: 'DeviceInfo | take 1' };
const read = (template: string, role: string, ...statuses: number[]): Route => ({
  method: 'GET',
  template,
  role,
  statuses: statuses.length === 0 ? [200] : statuses,
});
export const ROUTES: Readonly<Record<string, Route>> = {
  'get-health': read('/api/health', 'Incidents.Read'),
  'get-incident': read(INCIDENT, 'Incidents.Read'),
  'get-incident-version': read(`${INCIDENT}/versions/{version}`, 'Incidents.Read'),
  'get-sync-status': read(`${TENANT}/sync`, 'Incidents.Read'),
  'list-incident-versions': read(`${INCIDENT}/versions`, 'Incidents.Read'),
  'list-incidents': read(`${TENANT}/incidents`, 'Incidents.Read'),
  'list-tenants': read('/api/tenants', 'Tenants.Read'),
  'get-tenant': read(TENANT, 'Tenants.Read'),
  'get-tenant-audit': read(`${TENANT}/audit`, 'Tenants.Read'),
  'get-preflight': read(`${TENANT}/preflight`, 'Tenants.Read'),
  'get-invitations': read('/api/tenants/invitations', 'Tenants.Manage'),
  // 404: it is an invitation's id, and of none that is there.
  'get-invitation': read('/api/tenants/invitations/{invitationId}', 'Tenants.Manage', 404),
  'withdraw-invitation': {
    method: 'DELETE',
    template: '/api/tenants/invitations/{invitationId}',
    role: 'Tenants.Manage',
    statuses: [404, 428],
  },
  // 400: a body without anything.
  'create-invitation': {
    method: 'POST',
    template: '/api/tenants/invitations',
    role: 'Tenants.Manage',
    statuses: [400],
    body: {},
  },
  // 400: a body without anything.
  'register-tenant': {
    method: 'POST',
    template: '/api/tenants',
    role: 'Tenants.Manage',
    statuses: [400],
    body: {},
  },
  // 409: the tenant is one of the settings.
  'change-tenant': {
    method: 'PATCH',
    template: TENANT,
    role: 'Tenants.Manage',
    statuses: [409],
    body: { name: 'Contoso' },
  },
  'remove-tenant': { method: 'DELETE', template: TENANT, role: 'Tenants.Manage', statuses: [409] },
  // 400: nothing is to be changed.
  'update-incident': {
    method: 'PATCH',
    template: INCIDENT,
    role: 'Incidents.Update',
    statuses: [400],
    body: {},
  },
  'start-sync': {
    method: 'POST',
    template: `${TENANT}/incidents/sync`,
    role: 'Incidents.Sync',
    statuses: [202],
  },
  'list-queries': read('/api/queries', 'Hunts.Read'),
  'get-query': read('/api/queries/{queryId}', 'Hunts.Read'),
  'check-query': {
    method: 'POST',
    template: '/api/queries/check',
    role: 'Hunts.Read',
    statuses: [200],
    body: HUNT,
  },
  'start-hunt': {
    method: 'POST',
    template: `${TENANT}/hunts`,
    role: 'Hunts.Run',
    statuses: [200, 202],
    body: HUNT,
  },
  'start-hunts': {
    method: 'POST',
    template: '/api/hunts',
    role: 'Hunts.Run',
    statuses: [200, 202],
    body: HUNT,
  },
  'get-hunt-group': read('/api/hunts/groups/{groupId}', 'Hunts.Read', 200, 202),
  'get-hunt': read(RUN, 'Hunts.Read', 200, 202),
  // 409: the run has no rows, because it failed.
  'get-hunt-rows': read(`${RUN}/rows`, 'Hunts.Read', 200, 409),
  'list-findings': read('/api/findings?tenant={tenantId}', 'Hunts.Read'),
  // 404: nothing was found yet.
  'get-finding': read('/api/findings/{findingId}?tenant={tenantId}&query={queryId}', 'Hunts.Read', 200, 404),
  'cancel-hunt': { method: 'DELETE', template: RUN, role: 'Hunts.Run', statuses: [200] },
};
export const GUARDED = Object.entries(ROUTES).filter(([name]) => name !== 'get-health');
/** Those of one tenant. */
export const OF_TENANT = GUARDED.filter(([, { template }]) => template.startsWith(TENANT));
export const ALL_ROLES = [
  'Incidents.Read',
  'Incidents.Sync',
  'Incidents.Update',
  'Hunts.Read',
  'Hunts.Run',
  'Tenants.Read',
  'Tenants.Manage',
];
