/** A route of the API as docs/api.md has it. A function that is not in here fails the test. */
export interface FuzzRoute {
  /** Name of the function. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly template: string;
  /** App role that opens it; undefined: of health any role, and for callers without a token the bare status; of pages none. */
  readonly role: string | undefined;
  /** What an address without a query may be answered to a caller with the role. */
  readonly statuses: readonly number[];
}

const TENANT = '/api/tenants/{tenantId}';
const INCIDENT = `${TENANT}/incidents/{incidentId}`;

export const HEALTH: FuzzRoute = {
  name: 'get-health',
  method: 'GET',
  template: '/api/health',
  role: undefined,
  statuses: [200],
};

/** A page for browsers: no token opens it, and none of the requests here has the link of an invitation. */
export const ONBOARDING: FuzzRoute = {
  name: 'onboard-tenant',
  method: 'GET',
  template: '/api/onboarding/callback',
  role: undefined,
  statuses: [400, 404],
};

const READ = 'Incidents.Read';
const STORED = [200, 202, 404];
/** A body that is no hunt, or more than is read: requests here never ask for a run that begins. */
const NO_HUNT = [400, 413];

/** Literal segments before placeholders, as the host prefers them. */
export const TENANT_ROUTES: readonly FuzzRoute[] = [
  { name: 'list-incidents', method: 'GET', template: `${TENANT}/incidents`, role: READ, statuses: STORED },
  { name: 'get-incident', method: 'GET', template: INCIDENT, role: READ, statuses: STORED },
  // Bodies here are never one that changes anything.
  {
    name: 'update-incident',
    method: 'PATCH',
    template: INCIDENT,
    role: 'Incidents.Update',
    statuses: [400, 413],
  },
  {
    name: 'list-incident-versions',
    method: 'GET',
    template: `${INCIDENT}/versions`,
    role: READ,
    statuses: STORED,
  },
  {
    name: 'get-incident-version',
    method: 'GET',
    template: `${INCIDENT}/versions/{version}`,
    role: READ,
    statuses: STORED,
  },
  { name: 'get-sync-status', method: 'GET', template: `${TENANT}/sync`, role: READ, statuses: STORED },
  {
    name: 'start-sync',
    method: 'POST',
    template: `${TENANT}/incidents/sync`,
    role: 'Incidents.Sync',
    statuses: STORED,
  },
];

export const HUNT_ROUTES: readonly FuzzRoute[] = [
  {
    name: 'start-hunt',
    method: 'POST',
    template: `${TENANT}/hunts`,
    role: 'Hunts.Run',
    statuses: NO_HUNT,
  },
  { name: 'start-hunts', method: 'POST', template: '/api/hunts', role: 'Hunts.Run', statuses: NO_HUNT },
  { name: 'list-queries', method: 'GET', template: '/api/queries', role: 'Hunts.Read', statuses: [200, 404] },
  {
    name: 'check-query',
    method: 'POST',
    template: '/api/queries/check',
    role: 'Hunts.Read',
    statuses: [200, ...NO_HUNT],
  },
  {
    name: 'get-query',
    method: 'GET',
    template: '/api/queries/{queryId}',
    role: 'Hunts.Read',
    statuses: [200, 404],
  },
  // Without their parameters: which tenant is missing.
  { name: 'list-findings', method: 'GET', template: '/api/findings', role: 'Hunts.Read', statuses: [400] },
  {
    name: 'get-finding',
    method: 'GET',
    template: '/api/findings/{findingId}',
    role: 'Hunts.Read',
    statuses: [400],
  },
  {
    name: 'get-hunt-group',
    method: 'GET',
    template: '/api/hunts/groups/{groupId}',
    role: 'Hunts.Read',
    statuses: [404],
  },
  {
    name: 'get-hunt-rows',
    method: 'GET',
    template: '/api/hunts/{runId}/rows',
    role: 'Hunts.Read',
    statuses: [404],
  },
  { name: 'get-hunt', method: 'GET', template: '/api/hunts/{runId}', role: 'Hunts.Read', statuses: [404] },
  {
    name: 'cancel-hunt',
    method: 'DELETE',
    template: '/api/hunts/{runId}',
    role: 'Hunts.Run',
    statuses: [404],
  },
];

/** Before those of tenants, whose ids they fit as well. No invitation is there, and no body is one. */
export const INVITATION_ROUTES: readonly FuzzRoute[] = [
  {
    name: 'create-invitation',
    method: 'POST',
    template: '/api/tenants/invitations',
    role: 'Tenants.Manage',
    statuses: [400, 413],
  },
  {
    name: 'get-invitations',
    method: 'GET',
    template: '/api/tenants/invitations',
    role: 'Tenants.Manage',
    statuses: [200],
  },
  {
    name: 'get-invitation',
    method: 'GET',
    template: '/api/tenants/invitations/{invitationId}',
    role: 'Tenants.Manage',
    statuses: [400, 404],
  },
  {
    name: 'withdraw-invitation',
    method: 'DELETE',
    template: '/api/tenants/invitations/{invitationId}',
    role: 'Tenants.Manage',
    statuses: [400, 404],
  },
];

/** The tenants here are those of the settings, which nothing here may change; and no body is a tenant's. */
export const MANAGING_ROUTES: readonly FuzzRoute[] = [
  { name: 'list-tenants', method: 'GET', template: '/api/tenants', role: 'Tenants.Read', statuses: [200] },
  {
    name: 'register-tenant',
    method: 'POST',
    template: '/api/tenants',
    role: 'Tenants.Manage',
    statuses: [400, 413],
  },
  { name: 'get-tenant', method: 'GET', template: TENANT, role: 'Tenants.Read', statuses: [200] },
  {
    name: 'change-tenant',
    method: 'PATCH',
    template: TENANT,
    role: 'Tenants.Manage',
    statuses: [400, 409, 413],
  },
  { name: 'remove-tenant', method: 'DELETE', template: TENANT, role: 'Tenants.Manage', statuses: [409] },
  {
    name: 'get-tenant-audit',
    method: 'GET',
    template: `${TENANT}/audit`,
    role: 'Tenants.Read',
    statuses: [200],
  },
  {
    name: 'get-preflight',
    method: 'GET',
    template: `${TENANT}/preflight`,
    role: 'Tenants.Read',
    statuses: [200],
  },
];

export const ROUTES: readonly FuzzRoute[] = [
  HEALTH,
  ONBOARDING,
  ...INVITATION_ROUTES,
  ...TENANT_ROUTES,
  ...HUNT_ROUTES,
  ...MANAGING_ROUTES,
];
