import { HttpRequest, InvocationContext } from '@azure/functions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Outrider } from '../../shared/app.ts';
import type { Caller } from '../../shared/caller.ts';
import { ACTIONS, CUSTOMER_ACTIONS } from '../../shared/http/actions.ts';
import { createAccess } from '../../shared/http/authorize.ts';
import { type ApiRoute, ROUTES } from '../../shared/http/routes-table.ts';
import { createTenantFor, createTenantForUser } from '../../shared/http/tenant-for.ts';
import { loadFunctions, type Registered } from './registered.ts';

const HOME = '11111111-2222-4333-8444-555555555555';
const CUSTOMER = '22222222-2222-4222-8222-222222222222';
const GROUP = { id: '0'.repeat(32), entries: [{ tenant: CUSTOMER, run: 'x' }] };
const tenant = { id: CUSTOMER, name: 'Customer', groups: ['emea'], enabled: true };
const access = createAccess({ homeTenantId: HOME, tenantGroups: undefined });
const tenants = { get: async (id: string) => (id === tenant.id ? (tenant as never) : undefined) };
const tenantFor = createTenantFor({ access, tenants });
const tenantForUser = createTenantForUser({ access, tenants });
/** What a route meets behind the checks: so far nothing may have come that is not allowed. */
const REACHED = 'behind the checks';

let caller: Caller;
/** The app up to where a route's own work begins: everything else of it says that it was reached. */
const app = new Proxy({} as Outrider, {
  get(_target, name: keyof Outrider | 'then') {
    if (name === 'then') return undefined;
    const checks: Partial<Outrider> = {
      ...access,
      authenticate: async () => caller,
      hunting: async () => ({ group: async () => GROUP }) as never,
      health: async () => ({ status: 'ok', version: '1', faults: [], checks: [], warnings: [] }),
      tenantFor,
      tenantForUser,
      knownFor: async (...asked) => ({ source: 'settings', tenant: await tenantFor(...asked) }),
      visibleTenants: async (who, action) => access.visibleTenants(who, action, [tenant as never]),
    };
    if (name in checks) return checks[name];
    throw new Error(REACHED);
  },
});

vi.mock('@azure/functions', async (original) => ({
  ...(await original<typeof import('@azure/functions')>()),
  app: (await import('./registered.ts')).registry,
}));
vi.mock('../../shared/http/load-app.ts', () => ({ loadApp: async () => ({ app }) }));

let functions: readonly Registered[] = [];
beforeAll(async () => {
  functions = await loadFunctions();
});

const VALUES: Readonly<Record<string, string>> = {
  tenantId: CUSTOMER,
  runId: `${CUSTOMER}_${'0'.repeat(25)}`,
  groupId: GROUP.id,
};
const appWith = (roles: readonly string[], tenantId = HOME): Caller => ({
  kind: 'app',
  tenantId,
  objectId: '33333333-3333-4333-8333-333333333333',
  roles,
  scopes: [],
});

/** The answer of a route's function to a caller; `reached` where its own work began. */
async function answerTo(
  who: Caller,
  { name, method, path }: ApiRoute,
  more: Readonly<Record<string, string>> = {},
): Promise<{ status: number; code: unknown }> {
  const found = functions.find((each) => each.name === name);
  if (!found) throw new Error(`There is no function ${name}.`);
  caller = who;
  const params = Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => [key, VALUES[key] ?? 'x']),
  );
  const url = `http://localhost/api/${path}${path.startsWith('findings') ? `?tenant=${CUSTOMER}&query=q` : ''}`;
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: { string: '{"query":"DeviceInfo"}' } };
  const request = new HttpRequest({
    method,
    url,
    params,
    ...body,
    headers: { authorization: 'Bearer x.y.z', ...more },
  });
  const log = new InvocationContext({ functionName: name, logHandler: () => {} });
  const answer = (await found.handler(request, log)) as { status?: number; body?: unknown };
  const text = typeof answer.body === 'string' ? (JSON.parse(answer.body) as Record<string, unknown>) : {};
  return { status: answer.status ?? 200, code: text.code };
}

it('the table has every HTTP function, by its route and method, and no other', () => {
  const told = functions.map(({ name, route, methods, authLevel }) => ({ name, route, methods, authLevel }));
  const wanted = ROUTES.map(({ name, path, method }) => ({
    name,
    route: path,
    methods: [method],
    authLevel: 'anonymous',
  }));
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
  expect([...told].sort(byName)).toEqual([...wanted].sort(byName));
});

it('no route is open but those that are meant to be', () => {
  const open = ROUTES.filter(({ action }) => action === undefined).map(({ name }) => name);
  expect(open).toEqual(['get-health', 'onboard-tenant']);
});

const GUARDED: readonly ApiRoute[] = ROUTES.filter(({ action }) => action !== undefined);
const roleOf = ({ action }: ApiRoute): string => (action === undefined ? '' : ACTIONS[action]);
/** The checks let it pass: what came next may have found anything wrong but the caller. */
const expectIn = ({ status, code }: { status: number; code: unknown }): void => {
  expect([401, 403], String(code)).not.toContain(status);
  expect(code).not.toBe('tenant.unknown');
};

describe.each(GUARDED)('$name', (route) => {
  it('is opened by the app role of its action, and by no other', async () => {
    expectIn(await answerTo(appWith([roleOf(route)]), route));
    const others = Object.values(ACTIONS).filter((role) => role !== roleOf(route));
    const refused = { status: 403, code: 'request.forbidden' };
    expect(await answerTo(appWith(others), route)).toEqual(refused);
    expect(await answerTo(appWith([]), route)).toEqual(refused);
  });

  it('is closed to a user without the scope, and without the role', async () => {
    const user = { ...appWith([roleOf(route)]), kind: 'user' } as const;
    const refused = { status: 403, code: 'request.forbidden' };
    expect(await answerTo(user, route)).toEqual(refused);
    expect(await answerTo({ ...user, scopes: [roleOf(route)] }, route)).toEqual(refused);
    expect(await answerTo({ ...user, scopes: ['access_as_user'], roles: [] }, route)).toEqual(refused);
    expectIn(await answerTo({ ...user, scopes: ['access_as_user'] }, route));
  });

  it('works in a user’s own name by the scope alone where the table says so, and never for an app', async () => {
    const ids = { tenantId: HOME, objectId: appWith([]).objectId };
    const assertion = { ...ids, expiresAt: Number.MAX_SAFE_INTEGER, text: () => 'x.y.z' };
    const user = { ...appWith([]), kind: 'user', scopes: ['access_as_user'], assertion } as const;
    const header = { 'outrider-act-as': 'user' };
    const answer = await answerTo(user, route, header);
    const refused = { status: 403, code: 'request.forbidden' };
    if (route.inUsersName) expectIn(answer);
    else expect(answer).toEqual(refused);
    expect(await answerTo({ ...user, scopes: [] }, route, header)).toEqual(refused);
    expect(await answerTo(appWith([]), route, header)).toEqual(refused);
  });

  it('is open to customers’ callers where the table of actions says so', async () => {
    const answer = await answerTo(appWith([roleOf(route)], CUSTOMER), route);
    if (route.action && CUSTOMER_ACTIONS.has(route.action)) return expectIn(answer);
    expect(answer).toEqual({ status: 403, code: 'request.forbidden' });
  });

  it('does not know the tenant, or its run, for who may not see it', async () => {
    const hidden = { tenant: 'tenant.unknown', run: 'request.not_found' }[route.about as 'tenant' | 'run'];
    if (hidden === undefined) return;
    const stranger = appWith([roleOf(route)], '99999999-9999-4999-8999-999999999999');
    const forCustomers = route.action !== undefined && CUSTOMER_ACTIONS.has(route.action);
    const refused = forCustomers ? { status: 404, code: hidden } : { status: 403, code: 'request.forbidden' };
    expect(await answerTo(stranger, route)).toEqual(refused);
    const analyst = appWith([roleOf(route), 'Tenants.Group.apac']);
    expect(await answerTo(analyst, route)).toEqual({ status: 404, code: hidden });
    expectIn(await answerTo(appWith([roleOf(route), 'Tenants.Group.emea']), route));
  });
});
