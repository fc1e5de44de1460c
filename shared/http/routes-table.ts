import type { Action } from './actions.ts';

/** A route of the API, and who may use it. */
export interface ApiRoute {
  /** Name of the function. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As it is registered, below `/api/`. */
  readonly path: string;
  /** What a caller must be allowed to do; `ACTIONS` has its app role. Undefined: open, its own code decides. */
  readonly action: Action | undefined;
  /** Served in a user's own name to whoever asks for that: then the scope is enough, and no role is needed. */
  readonly inUsersName?: true;
  /** Of an open route, for docs: what it needs in place of a role. */
  readonly needs?: string;
  /** Asked for by browsers, which have no token: it looks at none, and answers pages. */
  readonly forBrowsers?: true;
  /**
   * What an answer can be about, and so what a caller gets who may not see the tenants in question.
   *
   * - `tenant`: the one that is named: `tenant.unknown`
   * - `run`: the run or group that is named, of a tenant or of several: `request.not_found`
   * - `visible`: whatever tenants the caller may see, less the others
   * - `deployment`: no tenant
   */
  readonly about: 'tenant' | 'run' | 'visible' | 'deployment';
  /** For docs: what it does and answers. */
  readonly what: string;
}

const TENANT = 'tenants/{tenantId}';
const INVITATIONS = 'tenants/invitations';
const INCIDENT = `${TENANT}/incidents/{incidentId}`;

/**
 * All routes: the one place that docs/api.md and the tests of callers go by. A function that is missing here, or differs
 * from what it registers, fails a test.
 */
export const ROUTES = [
  {
    name: 'get-health',
    method: 'GET',
    path: 'health',
    action: undefined,
    needs: 'none for the bare status, any for the rest',
    about: 'visible',
    what: '200 `ok` or 503 `degraded`; to callers with any role who see all tenants: faults in the settings, reachability of storage, vault and sign-in, credentials that expire soon (`warnings`), when the timer last said, every five minutes, that it ticks (`heartbeat`), version',
  },
  {
    name: 'list-tenants',
    method: 'GET',
    path: 'tenants',
    action: 'tenants.read',
    about: 'visible',
    what: 'the tenants that settings name or that are registered, by `state` and `group`',
  },
  {
    name: 'register-tenant',
    method: 'POST',
    path: 'tenants',
    action: 'tenants.manage',
    about: 'visible',
    what: 'registers a tenant: 201 with `Location` and `ETag`; its first sync begins by itself',
  },
  {
    name: 'create-invitation',
    method: 'POST',
    path: INVITATIONS,
    action: 'tenants.manage',
    about: 'visible',
    what: 'makes a link by which a customer’s admin connects a tenant, once: 201 with `link`, which is shown here alone',
  },
  {
    name: 'get-invitations',
    method: 'GET',
    path: INVITATIONS,
    action: 'tenants.manage',
    about: 'visible',
    what: 'invitations, by `state`, with what happened to each',
  },
  {
    name: 'get-invitation',
    method: 'GET',
    path: `${INVITATIONS}/{invitationId}`,
    action: 'tenants.manage',
    about: 'visible',
    what: 'one invitation',
  },
  {
    name: 'withdraw-invitation',
    method: 'DELETE',
    path: `${INVITATIONS}/{invitationId}`,
    action: 'tenants.manage',
    about: 'visible',
    what: 'takes it back: its link leads nowhere; needs `If-Match`',
  },
  {
    name: 'onboard-tenant',
    method: 'GET',
    path: 'onboarding/callback',
    action: undefined,
    needs: 'none: the link of an invitation',
    forBrowsers: true,
    about: 'deployment',
    what: 'a page: where a link leads, and where the consent page sends the browser back to',
  },
  {
    name: 'get-tenant',
    method: 'GET',
    path: TENANT,
    action: 'tenants.read',
    about: 'tenant',
    what: 'a tenant in whatever state, with how far its removal has come',
  },
  {
    name: 'change-tenant',
    method: 'PATCH',
    path: TENANT,
    action: 'tenants.manage',
    about: 'tenant',
    what: 'changes it, suspends it, resumes it; needs `If-Match`',
  },
  {
    name: 'remove-tenant',
    method: 'DELETE',
    path: TENANT,
    action: 'tenants.manage',
    about: 'tenant',
    what: 'stops all calls at once and deletes its data: 202 until that is done; needs `If-Match`',
  },
  {
    name: 'get-tenant-audit',
    method: 'GET',
    path: `${TENANT}/audit`,
    action: 'tenants.read',
    about: 'tenant',
    what: 'who changed what of it and when, newest first; also of a removed tenant',
  },
  {
    name: 'get-preflight',
    method: 'GET',
    path: `${TENANT}/preflight`,
    action: 'tenants.read',
    about: 'tenant',
    what: 'how the tenant stands to each capability, looked at now: what was seen, and the next step',
  },
  {
    name: 'start-sync',
    method: 'POST',
    path: `${TENANT}/incidents/sync`,
    action: 'incidents.sync',
    about: 'tenant',
    what: 'starts a run now: 202 with `Location`, `Retry-After`; while one is under way or asked for: the same run',
  },
  {
    name: 'get-sync-status',
    method: 'GET',
    path: `${TENANT}/sync`,
    action: 'incidents.read',
    about: 'tenant',
    what: 'state of the sync; with `?run=<id>` 202 until that run has ended, as Logic Apps follow by themselves',
  },
  {
    name: 'list-incidents',
    method: 'GET',
    path: `${TENANT}/incidents`,
    action: 'incidents.read',
    about: 'tenant',
    what: 'stored incidents without alerts, newest last update first',
  },
  {
    name: 'get-incident',
    method: 'GET',
    path: INCIDENT,
    action: 'incidents.read',
    inUsersName: true,
    about: 'tenant',
    what: 'the whole incident; as the user: what the service shows them now',
  },
  {
    name: 'update-incident',
    method: 'PATCH',
    path: INCIDENT,
    action: 'incidents.update',
    inUsersName: true,
    about: 'tenant',
    what: 'changes it at the service, and has it synced',
  },
  {
    name: 'list-incident-versions',
    method: 'GET',
    path: `${INCIDENT}/versions`,
    action: 'incidents.read',
    about: 'tenant',
    what: 'its history, newest version first',
  },
  {
    name: 'get-incident-version',
    method: 'GET',
    path: `${INCIDENT}/versions/{version}`,
    action: 'incidents.read',
    about: 'tenant',
    what: 'one version, whole',
  },
  {
    name: 'list-queries',
    method: 'GET',
    path: 'queries',
    action: 'queries.read',
    about: 'visible',
    what: 'the query library, with what the check says of each query',
  },
  {
    name: 'get-query',
    method: 'GET',
    path: 'queries/{queryId}',
    action: 'queries.read',
    about: 'visible',
    what: 'one query, its check in full, its last run in each tenant',
  },
  {
    name: 'check-query',
    method: 'POST',
    path: 'queries/check',
    action: 'queries.read',
    about: 'deployment',
    what: 'checks any query; nothing is run or stored',
  },
  {
    name: 'start-hunt',
    method: 'POST',
    path: `${TENANT}/hunts`,
    action: 'hunts.run',
    inUsersName: true,
    about: 'tenant',
    what: 'hunts in a tenant: 200 with rows when done within 20 s, else 202; as the user: 200 within 200 s, and nothing is kept',
  },
  {
    name: 'start-hunts',
    method: 'POST',
    path: 'hunts',
    action: 'hunts.run',
    about: 'visible',
    what: 'hunts in all tenants, or in those that are named',
  },
  {
    name: 'get-hunt-group',
    method: 'GET',
    path: 'hunts/groups/{groupId}',
    action: 'hunts.read',
    about: 'run',
    what: 'a hunt across tenants: 202 until all of its runs have ended',
  },
  {
    name: 'get-hunt',
    method: 'GET',
    path: 'hunts/{runId}',
    action: 'hunts.read',
    about: 'run',
    what: 'a run: 202 until it has ended',
  },
  {
    name: 'get-hunt-rows',
    method: 'GET',
    path: 'hunts/{runId}/rows',
    action: 'hunts.read',
    about: 'run',
    what: 'its rows: JSON pages, NDJSON or CSV',
  },
  {
    name: 'cancel-hunt',
    method: 'DELETE',
    path: 'hunts/{runId}',
    action: 'hunts.run',
    about: 'run',
    what: 'cancels it',
  },
  {
    name: 'list-findings',
    method: 'GET',
    path: 'findings',
    action: 'hunts.read',
    about: 'tenant',
    what: 'findings of scheduled queries in a tenant, found last first',
  },
  {
    name: 'get-finding',
    method: 'GET',
    path: 'findings/{findingId}',
    action: 'hunts.read',
    about: 'tenant',
    what: 'one finding with its whole row',
  },
] as const satisfies readonly ApiRoute[];
