/** A route of the API as docs/api.md has it. A function that is not in here fails the test. */
export interface FuzzRoute {
  /** Name of the function. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly template: string;
  /** App role that opens it; undefined: any role, and for callers without a token the bare status. */
  readonly role: string | undefined;
}

const TENANT = '/api/tenants/{tenantId}';
const INCIDENT = `${TENANT}/incidents/{incidentId}`;

export const HEALTH: FuzzRoute = {
  name: 'get-health',
  method: 'GET',
  template: '/api/health',
  role: undefined,
};

/** Literal segments before placeholders, as the host prefers them. */
export const TENANT_ROUTES: readonly FuzzRoute[] = [
  { name: 'list-incidents', method: 'GET', template: `${TENANT}/incidents`, role: 'Incidents.Read' },
  { name: 'get-incident', method: 'GET', template: INCIDENT, role: 'Incidents.Read' },
  { name: 'list-incident-versions', method: 'GET', template: `${INCIDENT}/versions`, role: 'Incidents.Read' },
  {
    name: 'get-incident-version',
    method: 'GET',
    template: `${INCIDENT}/versions/{version}`,
    role: 'Incidents.Read',
  },
  { name: 'get-sync-status', method: 'GET', template: `${TENANT}/sync`, role: 'Incidents.Read' },
  { name: 'start-sync', method: 'POST', template: `${TENANT}/incidents/sync`, role: 'Incidents.Sync' },
];

export const ROUTES: readonly FuzzRoute[] = [HEALTH, ...TENANT_ROUTES];
