import type { ApiFamily, Resource } from './tenant.ts';

/** A group of calls that stands or falls with a permission: what preflight, docs, infrastructure and errors talk about. */
export type Capability = 'incidents' | 'alerts' | 'hunting' | 'deviceActions' | 'identityActions';

/** What one kind of call needs of the API that it goes to. */
export interface Permission {
  readonly capability: Capability;
  /** What is done with it, after "to": `read incidents`. */
  readonly purpose: string;
  /** Only for tenants whose calls of this capability go to this family; every tenant when undefined. */
  readonly family?: ApiFamily;
  readonly resource: Resource;
  /** Application permission (app role) of the resource, least privilege first; each one is enough. */
  readonly roles: readonly string[];
  /** Delegated permission (scope) of the resource, least privilege first; each one is enough. */
  readonly scopes: readonly string[];
  /** Changes something at the customer's: granted only when asked for. */
  readonly changes: boolean;
}

/**
 * Every permission that Outrider's calls need: the one table behind preflight, `inspectToken`, docs and the app
 * registrations of infra/. Graph: the permission sections of
 * https://learn.microsoft.com/graph/api/resources/security-api-overview; Defender XDR:
 * https://learn.microsoft.com/defender-xdr/api-list-incidents and api-update-incidents; Defender for Endpoint:
 * the page of each machine action below https://learn.microsoft.com/defender-endpoint/api/machineaction.
 */
export const PERMISSIONS = [
  {
    capability: 'incidents',
    purpose: 'read incidents',
    family: 'graph',
    resource: 'graph',
    roles: ['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All'],
    scopes: ['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All'],
    changes: false,
  },
  {
    capability: 'incidents',
    purpose: 'read incidents',
    family: 'xdr',
    resource: 'xdr',
    roles: ['Incident.Read.All', 'Incident.ReadWrite.All'],
    scopes: ['Incident.Read', 'Incident.ReadWrite'],
    changes: false,
  },
  {
    capability: 'incidents',
    purpose: 'update incidents',
    family: 'graph',
    resource: 'graph',
    roles: ['SecurityIncident.ReadWrite.All'],
    scopes: ['SecurityIncident.ReadWrite.All'],
    changes: true,
  },
  {
    capability: 'incidents',
    purpose: 'update incidents',
    family: 'xdr',
    resource: 'xdr',
    roles: ['Incident.ReadWrite.All'],
    scopes: ['Incident.ReadWrite'],
    changes: true,
  },
  {
    capability: 'alerts',
    purpose: 'read alerts',
    family: 'graph',
    resource: 'graph',
    roles: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
    scopes: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
    changes: false,
  },
  {
    capability: 'hunting',
    purpose: 'run hunting queries',
    family: 'graph',
    resource: 'graph',
    roles: ['ThreatHunting.Read.All'],
    scopes: ['ThreatHunting.Read.All'],
    changes: false,
  },
  {
    capability: 'hunting',
    purpose: 'run hunting queries',
    family: 'xdr',
    resource: 'xdr',
    roles: ['AdvancedHunting.Read.All'],
    scopes: ['AdvancedHunting.Read'],
    changes: false,
  },
  {
    capability: 'deviceActions',
    purpose: 'read devices and their actions',
    resource: 'mde',
    roles: ['Machine.Read.All', 'Machine.ReadWrite.All'],
    scopes: ['Machine.Read', 'Machine.ReadWrite'],
    changes: false,
  },
  {
    capability: 'deviceActions',
    purpose: 'isolate and release devices',
    resource: 'mde',
    roles: ['Machine.Isolate'],
    scopes: ['Machine.Isolate'],
    changes: true,
  },
  {
    capability: 'identityActions',
    purpose: 'read identity accounts',
    resource: 'graph',
    roles: ['SecurityIdentitiesAccount.Read.All'],
    scopes: ['SecurityIdentitiesAccount.Read.All'],
    changes: false,
  },
  {
    capability: 'identityActions',
    purpose: 'act on identity accounts',
    resource: 'graph',
    roles: ['SecurityIdentitiesActions.ReadWrite.All'],
    scopes: ['SecurityIdentitiesActions.ReadWrite.All'],
    changes: true,
  },
] as const satisfies readonly Permission[];
