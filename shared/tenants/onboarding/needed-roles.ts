import { PERMISSIONS, type Permission } from '../../permissions.ts';
import type { Resource, Tenant } from '../../tenant.ts';

/** A permission that a new tenant is asked for, and the API that it is of. */
export interface NeededRole {
  readonly resource: Resource;
  readonly purpose: string;
  /** Any one is enough, least first. */
  readonly roles: readonly string[];
}

/** What a token of a tenant allows, by API. */
export type HeldRoles = ReadonlyMap<Resource, readonly string[]>;

const ROWS: readonly Permission[] = PERMISSIONS;

/**
 * What a tenant must have consented to before it becomes active: reading incidents and alerts, and hunting, at the APIs
 * that its calls go to. Response actions are granted later, when they are wanted; the preflight names them.
 */
export function neededRoles({
  api,
  huntingApi = 'graph',
}: Pick<Tenant, 'api' | 'huntingApi'>): readonly NeededRole[] {
  return ROWS.filter(({ capability, family, changes }) => {
    if (changes) return false;
    if (capability === 'hunting') return family === huntingApi;
    return (capability === 'incidents' || capability === 'alerts') && family === api;
  }).map(({ resource, purpose, roles }) => ({ resource, purpose, roles }));
}

export function missingRoles(needed: readonly NeededRole[], held: HeldRoles): readonly NeededRole[] {
  return needed.filter(({ resource, roles }) => !roles.some((role) => held.get(resource)?.includes(role)));
}
