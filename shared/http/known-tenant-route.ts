import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { KnownTenant } from '../app-tenants.ts';
import type { Caller } from '../caller.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import { withFields } from '../log.ts';
import type { By } from '../tenants/registry.ts';
import type { Action } from './actions.ts';
import { tenantIdOf } from './parameters.ts';
import { callerRoute, type RouteContext } from './route.ts';

export interface KnownTenantContext extends RouteContext {
  readonly tenantId: string;
  readonly known: KnownTenant;
}

/**
 * A route on a tenant itself, in whatever state: invited, suspended, removed. Else as `tenantRoute`, which is for the
 * data of tenants that are in service.
 */
export function knownTenantRoute(
  action: Action,
  answer: (request: HttpRequest, context: KnownTenantContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return callerRoute(action, async (request: HttpRequest, context) => {
    const { app, caller, log } = context;
    const tenantId = tenantIdOf(request.params);
    const known = await app.knownFor(caller, action, tenantId);
    return answer(request, { ...context, tenantId, known, log: withFields(log, { tenant: tenantId }) });
  });
}

/** Who changes something, for the audit. */
export function byOf({ caller, log }: Pick<RouteContext, 'caller' | 'log'>): By {
  const { kind, objectId, tenantId } = caller;
  return { actor: { kind, objectId, tenantId }, log };
}

/**
 * A caller who is given some groups of tenants alone may not make or move a tenant out of them, where it could not see
 * it any more.
 *
 * @throws OutriderError `request.forbidden`
 */
export function requireInReach(
  { app }: Pick<RouteContext, 'app'>,
  caller: Caller,
  tenant: { readonly id: string; readonly groups: readonly string[] },
): void {
  try {
    app.authorize(caller, 'tenants.manage', tenant);
  } catch (error) {
    if (!isOutriderError(error, 'tenant.unknown')) throw error;
    throw new OutriderError(
      'request.forbidden',
      `The caller ${caller.objectId} sees some groups of tenants alone: the tenant must be in one of those, by its "groups".`,
      { tenant: tenant.id },
    );
  }
}
