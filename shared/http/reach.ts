import type { Caller } from '../caller.ts';
import type { Tenant } from '../tenant.ts';
import { ALL_TENANTS, type TenantGroups } from '../tenant-groups.ts';

/** The tenants that a caller may see at all, whatever it may do there. */
export type Reach =
  | { readonly kind: 'all' }
  /** A customer's caller: the tenant with this id alone. */
  | { readonly kind: 'own'; readonly id: string }
  /** Tenants that are in one of these groups; of none, none. In lower case. */
  | { readonly kind: 'groups'; readonly names: ReadonlySet<string> };

/** What decides about reach besides the caller. */
export interface ReachRules {
  /** The deployment's own directory. */
  readonly homeTenantId: string | undefined;
  readonly tenantGroups: TenantGroups | undefined;
}

/** Also in other letter case and with a slip: a role that is meant to restrict must not be overlooked. */
const GROUP_ROLE = /^tenants\.groups?\b\.?(.*)$/i;

/**
 * A caller of the own directory sees the groups that its app roles `Tenants.Group.<name>` and the setting give it, and
 * nothing beside them. Given none, it sees all tenants, but where the setting is there none: only an object id to which
 * the setting gives `*` sees all then. What a customer's admin assigns there gives no groups.
 */
export function reachOf(caller: Caller, { homeTenantId, tenantGroups }: ReachRules): Reach {
  if (caller.tenantId !== homeTenantId) return { kind: 'own', id: caller.tenantId };
  const ofRoles = caller.roles.flatMap((role) => GROUP_ROLE.exec(role)?.[1]?.toLowerCase() ?? []);
  const ofObject = tenantGroups?.get(caller.objectId) ?? [];
  const keys = [...caller.roles, ...(caller.groups ?? []).map((id) => id.toLowerCase())];
  const given = keys.flatMap((key) => tenantGroups?.get(key) ?? []);
  const named = [...ofObject, ...given].filter((name) => name !== ALL_TENANTS);
  const names = new Set([...ofRoles, ...named]);
  if (names.size > 0) return { kind: 'groups', names };
  const all = tenantGroups === undefined || ofObject.includes(ALL_TENANTS);
  return all ? { kind: 'all' } : { kind: 'groups', names };
}

export function isWithin(reach: Reach, { id, groups = [] }: Pick<Tenant, 'id' | 'groups'>): boolean {
  if (reach.kind === 'all') return true;
  if (reach.kind === 'own') return id === reach.id;
  return groups.some((name) => reach.names.has(name.toLowerCase()));
}
