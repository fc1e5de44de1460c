import { type Capability, PERMISSIONS, type Permission } from '../permissions.ts';
import type { CloudName, Resource, Tenant } from '../tenant.ts';

export const CAPABILITIES = [
  'incidents',
  'alerts',
  'hunting',
  'deviceActions',
  'identityActions',
] as const satisfies readonly Capability[];

/** What one capability needs in one tenant. */
export interface CapabilityNeeds {
  readonly capability: Capability;
  /** The API that it goes to. */
  readonly resource: Resource;
  /** Without all of these it does not work. */
  readonly needed: readonly Permission[];
  /** More of it works with these: incidents are read without a permission to change them. */
  readonly more: readonly Permission[];
}

/** Capabilities that are about changing something: reading alone is of no use there. */
const ACTING: ReadonlySet<Capability> = new Set(['deviceActions', 'identityActions']);

const ALL: readonly Permission[] = PERMISSIONS;

/**
 * What a capability needs in a tenant, by the API family that the tenant's calls go to; undefined where it has no
 * permissions of its own: alerts of the Defender XDR API come with its incidents.
 */
export function needsOf(
  capability: Capability,
  { api, huntingApi = 'graph' }: Pick<Tenant, 'api' | 'huntingApi'>,
): CapabilityNeeds | undefined {
  const family = capability === 'hunting' ? huntingApi : api;
  const rows = ALL.filter(
    (row) => row.capability === capability && (row.family === undefined || row.family === family),
  );
  const resource = rows[0]?.resource;
  if (resource === undefined) return undefined;
  const isNeeded = ({ changes }: Permission): boolean => !changes || ACTING.has(capability);
  return {
    capability,
    resource,
    needed: rows.filter(isNeeded),
    more: rows.filter((row) => !isNeeded(row)),
  };
}

/** The metadata of Microsoft Graph in the US government clouds has no accounts of identities. */
export function isOffered(capability: Capability, cloud: CloudName): boolean {
  return capability !== 'identityActions' || (cloud !== 'gcchigh' && cloud !== 'dod');
}
