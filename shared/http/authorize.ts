import type { Caller } from '../caller.ts';
import { OutriderError } from '../errors.ts';
import type { Tenant, UserAssertion } from '../tenant.ts';
import { ACTIONS, type Action, CUSTOMER_ACTIONS } from './actions.ts';
import { isWithin, type ReachRules, reachOf } from './reach.ts';

/** The delegated permission by which a client app calls for a user. */
export const USER_SCOPE = 'access_as_user';

type Seen = Pick<Tenant, 'id' | 'groups'>;

/** Who may do what, and in which tenants. */
export interface Access {
  /**
   * @param tenant undefined for what is no single tenant's
   * @throws OutriderError `request.forbidden` naming what is missing; `tenant.unknown` for a tenant that the caller may
   * not see, in the words of one that does not exist
   */
  authorize(caller: Caller, action: Action, tenant: Seen | undefined): void;
  /** For what any app role opens: the details of health. @throws OutriderError `request.forbidden` */
  authorizeAny(caller: Caller): void;
  /** The tenants in which the caller may do this: the only ones that an answer may tell of. */
  visibleTenants<Each extends Seen>(
    caller: Caller,
    action: Action,
    tenants: readonly Each[],
  ): readonly Each[];
  /**
   * For work in the caller's own name, which needs no app role: the user's rights in the tenant decide.
   *
   * @throws OutriderError `request.forbidden` for an app, and for a user without the scope
   */
  authorizeUser(caller: Caller): UserAssertion;
  /** May the caller see this tenant at all, whatever it may do there? */
  sees(caller: Caller, tenant: Seen): boolean;
  /** Does the caller see every tenant, and so what is told of the whole deployment? */
  seesAll(caller: Caller): boolean;
}

/**
 * The one place that decides who may do what: an app role of the Outrider API opens an action, in the tenants that the
 * caller may see. A user needs the client app's delegated permission as well: roles alone are no consent to be called for.
 */
export function createAccess(rules: ReachRules): Access {
  function requireRight(caller: Caller, action: Action): void {
    requireScope(caller);
    if (caller.tenantId !== rules.homeTenantId && !CUSTOMER_ACTIONS.has(action))
      throw notForCustomers(caller);
    const role = ACTIONS[action];
    if (caller.roles.includes(role)) return;
    throw withoutRole(caller, role);
  }

  const sees = (caller: Caller, tenant: Seen): boolean => isWithin(reachOf(caller, rules), tenant);

  return {
    authorize(caller, action, tenant) {
      requireRight(caller, action);
      if (tenant !== undefined && !sees(caller, tenant)) throw unknownTenant(tenant.id);
    },
    authorizeAny(caller) {
      requireScope(caller);
      if (caller.roles.length === 0) throw withoutRole(caller, ACTIONS['incidents.read']);
    },
    visibleTenants(caller, action, tenants) {
      requireRight(caller, action);
      const reach = reachOf(caller, rules);
      return tenants.filter((tenant) => isWithin(reach, tenant));
    },
    authorizeUser(caller) {
      requireScope(caller);
      if (caller.assertion === undefined) throw noUser(caller);
      return caller.assertion;
    },
    sees,
    seesAll: (caller) => reachOf(caller, rules).kind === 'all',
  };
}

/** Could this caller be served in its own name? */
export const mayActAsUser = ({ kind, scopes }: Caller): boolean =>
  kind === 'user' && scopes.includes(USER_SCOPE);

function requireScope(caller: Caller): void {
  if (caller.kind === 'user' && !caller.scopes.includes(USER_SCOPE)) throw withoutScope(caller);
}

/** The same for a tenant that is not there and for one that the caller may not see: nobody learns who else is a customer. */
export function unknownTenant(id: string): OutriderError {
  return new OutriderError(
    'tenant.unknown',
    `The tenant ${id} is not one of this deployment's tenants, or the caller may not see it. Add it, correct the address, or give the caller one of its groups.`,
    { tenant: id },
  );
}

function withoutScope({ objectId }: Caller): OutriderError {
  return new OutriderError(
    'request.forbidden',
    `The token of the user ${objectId} lacks the scope ${USER_SCOPE} of the Outrider API. Let the client app ask for it, and consent to it in Microsoft Entra ID.`,
  );
}

function noUser({ objectId }: Caller): OutriderError {
  return new OutriderError(
    'request.forbidden',
    `The caller ${objectId} is an app: its token names no user in whose name anything could be done. Leave out actAs, or call with a user's token.`,
  );
}

function withoutRole({ objectId, kind }: Caller, role: string): OutriderError {
  const whom = kind === 'user' ? 'the user, or a group of theirs,' : 'the calling app or identity';
  return new OutriderError(
    'request.forbidden',
    `The caller ${objectId} lacks the app role ${role} of the Outrider API. Assign it to ${whom} in Microsoft Entra ID.`,
  );
}

function notForCustomers({ objectId }: Caller): OutriderError {
  return new OutriderError(
    'request.forbidden',
    `The caller ${objectId} is of another directory than the deployment's own: it may work on its own tenant's incidents and hunts alone.`,
  );
}
