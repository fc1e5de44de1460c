import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Outrider } from '../app.ts';
import type { Caller } from '../caller.ts';
import { withFields } from '../log.ts';
import type { Tenant, UserAssertion } from '../tenant.ts';
import { type ActAs, actAsOfHeader } from './act-as.ts';
import type { Action } from './actions.ts';
import { mayActAsUser } from './authorize.ts';
import { tenantIdOf } from './parameters.ts';
import { callerOf, guarded, type TenantRouteContext } from './route.ts';

export interface UserRouteContext extends TenantRouteContext {
  /** The caller's own token: never stored, queued or logged. */
  readonly assertion: UserAssertion;
}

/** A route on one tenant's data that is served in Outrider's name, or in the caller's own. */
export interface ActingRoute<Asked> {
  /**
   * What is asked for. A route whose body has an `actAs` tells `allow` of it before anything else of the body is judged:
   * who is not allowed is told that, and nothing more.
   */
  read(request: HttpRequest, how: { readonly caller: Caller; readonly allow: Allow }): Promise<Asked>;
  /** Reached by callers with the app role alone. */
  asApp(asked: Asked, context: TenantRouteContext, request: HttpRequest): Promise<HttpResponseInit>;
  /** Reached by users who asked for it alone, whatever app roles they have. */
  asUser(asked: Asked, context: UserRouteContext, request: HttpRequest): Promise<HttpResponseInit>;
}

/** @throws OutriderError `request.forbidden`, `tenant.unknown` */
export type Allow = (actAs: ActAs | undefined) => Promise<void>;

/**
 * Decides in whose name a request is served, before anything is done. In a user's own name no app role is needed: their
 * rights in the tenant decide. Whoever does not ask for that needs the app role, a user as well as an app.
 */
export function actingRoute<Asked>(action: Action, { read, asApp, asUser }: ActingRoute<Asked>): HttpHandler {
  return guarded(async (request, { app, log }) => {
    const caller = await callerOf(request, app);
    const header = actAsOfHeader(request);
    let allowed: Allowed | undefined;
    let isAsked = false;
    const allow: Allow = async (actAs) => {
      isAsked = true;
      allowed = undefined;
      allowed = await allowedOf(app, { caller, action, params: request.params, actAs: header ?? actAs });
    };
    // Nobody's body is looked at who could not be served whatever stands in it.
    if (header !== undefined || !mayActAsUser(caller)) await allow(undefined);
    const asked = await read(request, { caller, allow }).catch(async (error: unknown) => {
      if (!isAsked) await allow(undefined);
      throw error;
    });
    if (!isAsked) await allow(undefined);
    const { tenant, assertion } = known(allowed);
    const ids = withFields(log, { caller: caller.objectId, tenant: tenant.id });
    const context = { app, caller, tenant };
    if (assertion === undefined) return asApp(asked, { ...context, log: ids }, request);
    return asUser(asked, { ...context, assertion, log: withFields(ids, { actAs: 'user' }) }, request);
  });
}

/** In which tenant, and of a user who is served in their own name by which token. */
interface Allowed {
  readonly tenant: Tenant;
  readonly assertion?: UserAssertion | undefined;
}

async function allowedOf(
  app: Outrider,
  {
    caller,
    action,
    params,
    actAs,
  }: {
    readonly caller: Caller;
    readonly action: Action;
    readonly params: HttpRequest['params'];
    readonly actAs: ActAs | undefined;
  },
): Promise<Allowed> {
  // Who is not allowed is told that, and not whether the address is right.
  if (actAs === undefined) {
    app.authorize(caller, action, undefined);
    return { tenant: await app.tenantFor(caller, action, tenantIdOf(params)) };
  }
  app.authorizeUser(caller);
  return app.tenantForUser(caller, tenantIdOf(params));
}

function known(allowed: Allowed | undefined): Allowed {
  if (allowed === undefined) throw new TypeError('a request is served that was not allowed');
  return allowed;
}
