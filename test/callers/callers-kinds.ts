import type { TokenOrder } from '../../lab/entra/token-issuer.ts';
import { ACTIONS, CUSTOMER_ACTIONS } from '../../shared/http/actions.ts';
import type { ApiRoute } from '../../shared/http/routes-table.ts';
import { ANALYST, type CallersApp } from './callers-app.ts';

export const ALL_ROLES = [...new Set(Object.values(ACTIONS))];

export const roleOf = ({ action }: ApiRoute): string =>
  action === undefined ? 'Incidents.Read' : ACTIONS[action];
export const isForCustomers = ({ action }: ApiRoute): boolean =>
  action === undefined || CUSTOMER_ACTIONS.has(action);
/** A token's order that has the role of the route, and what is wrong with it. */
export type Order = (route: ApiRoute, lab: CallersApp) => Partial<TokenOrder>;

export const UNAUTHENTICATED: Readonly<Record<string, Order>> = {
  'another audience': () => ({ audience: 'https://graph.microsoft.com' }),
  'another app as its audience': (_route, lab) => ({ audience: lab.app.cloud.world.reader.clientId }),
  'a directory that is no customer’s': (_route, lab) => ({ tenantId: lab.stranger }),
  'a directory that is no customer’s, v1 form': (_route, lab) => ({ tenantId: lab.stranger, version: 1 }),
  'a suspended customer’s directory': (_route, lab) => ({ tenantId: lab.suspended }),
  'a life that is over': () => ({ lifetimeSeconds: -120 }),
};
export const FORBIDDEN: Readonly<Record<string, Order>> = {
  'no role': () => ({ roles: [] }),
  'every role but the one': (route) => ({
    roles: route.action === undefined ? [] : ALL_ROLES.filter((role) => role !== roleOf(route)),
  }),
  'a user without the scope': (route) => ({ roles: [roleOf(route)], scopes: ['openid'] }),
  'a user whose scope is called like the role': (route) => ({
    roles: [roleOf(route)],
    scopes: [roleOf(route)],
  }),
  'a user without a role': () => ({ roles: [], scopes: ['access_as_user'] }),
  'a customer’s caller without a role': (_route, lab) => ({ tenantId: lab.emea, roles: [] }),
};
/** Who may do it, but elsewhere. */
export const ELSEWHERE: Readonly<Record<string, Order>> = {
  'another customer’s app': (_route, lab) => ({ tenantId: lab.apac }),
  'another customer’s user': (_route, lab) => ({ tenantId: lab.apac, scopes: ['access_as_user'] }),
  'another customer’s app that names the group': (route, lab) => ({
    tenantId: lab.apac,
    roles: [roleOf(route), 'Tenants.Group.emea'],
  }),
  'an analyst of another group': (route) => ({
    objectId: ANALYST,
    roles: [roleOf(route), 'Tenants.Group.apac'],
  }),
  'an analyst of a misspelt group': (route) => ({
    objectId: ANALYST,
    roles: [roleOf(route), 'Tenants.Group.emae'],
  }),
  'a user of another group': (route) => ({
    objectId: ANALYST,
    roles: [roleOf(route), 'Tenants.Group.apac'],
    scopes: ['access_as_user'],
  }),
  'an analyst of no group': () => ({ objectId: ANALYST }),
};
/** Who may do it here. */
export const WELCOME: Readonly<Record<string, Order>> = {
  'the app that sees all': () => ({}),
  'the same by a token of version 1': (_route, lab) => ({
    audience: `api://${lab.app.cloud.world.api.clientId}`,
  }),
  'an analyst of the group': (route) => ({ objectId: ANALYST, roles: [roleOf(route), 'Tenants.Group.emea'] }),
  'a user of the group': (route) => ({
    objectId: ANALYST,
    roles: [roleOf(route), 'Tenants.Group.emea'],
    scopes: ['access_as_user'],
  }),
  'the customer’s own app': (_route, lab) => ({ tenantId: lab.emea }),
  'the customer’s own user': (_route, lab) => ({ tenantId: lab.emea, scopes: ['access_as_user'] }),
};

/** What App Service's own authentication puts on a request, and anybody can. */
export const EASY_AUTH = {
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({
      auth_typ: 'aad',
      claims: ALL_ROLES.map((val) => ({ typ: 'roles', val })),
      role_typ: 'roles',
    }),
  ).toString('base64'),
  'x-ms-client-principal-id': ANALYST,
  'x-ms-client-principal-idp': 'aad',
  'x-ms-client-principal-name': 'admin@contoso.com',
};
