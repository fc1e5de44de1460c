import type { Caller } from '../caller.ts';
import type { Tenant, TenantDirectory, UserAssertion } from '../tenant.ts';
import type { Action } from './actions.ts';
import { type Access, unknownTenant } from './authorize.ts';

/**
 * Finds a tenant for a caller who may do something there. Whoever may not see it has the answer for one that is not
 * there, word for word: the id is answered as it was asked.
 *
 * @throws OutriderError `request.forbidden`, `tenant.unknown`
 */
export type TenantFor = (caller: Caller, action: Action, id: string) => Promise<Tenant>;

export function createTenantFor({
  access,
  tenants,
}: {
  readonly access: Pick<Access, 'authorize' | 'visibleTenants'>;
  readonly tenants: Pick<TenantDirectory, 'get'>;
}): TenantFor {
  return async (caller, action, id) => {
    access.authorize(caller, action, undefined);
    const tenant = await tenants.get(id);
    const [visible] = access.visibleTenants(caller, action, tenant ? [tenant] : []);
    if (visible) return visible;
    throw unknownTenant(id);
  };
}

/**
 * The same for a user in whose own name something is to be done there, with the token that it is done by.
 *
 * @throws OutriderError `request.forbidden`, `tenant.unknown`
 */
export type TenantForUser = (
  caller: Caller,
  id: string,
) => Promise<{ readonly tenant: Tenant; readonly assertion: UserAssertion }>;

export function createTenantForUser({
  access,
  tenants,
}: {
  readonly access: Pick<Access, 'authorizeUser' | 'sees'>;
  readonly tenants: Pick<TenantDirectory, 'get'>;
}): TenantForUser {
  return async (caller, id) => {
    const assertion = access.authorizeUser(caller);
    const tenant = await tenants.get(id);
    if (tenant && access.sees(caller, tenant)) return { tenant, assertion };
    throw unknownTenant(id);
  };
}
