import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, expectUnauthenticated } from './expect-problem.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';
import { BAD_TOKENS } from './tokens.ts';

/** How each route is asked so that it has a good answer. A route that is not in here fails the first test. */
interface Route {
  readonly method: 'GET' | 'POST';
  /** The route as it is registered. */
  readonly template: string;
  /** App role that opens it; any role does for health. */
  readonly role: string;
  readonly status: number;
}

const TENANT = '/api/tenants/{tenantId}';
const INCIDENT = `${TENANT}/incidents/{incidentId}`;
const ROUTES: Readonly<Record<string, Route>> = {
  'get-health': { method: 'GET', template: '/api/health', role: 'Incidents.Read', status: 200 },
  'get-incident': { method: 'GET', template: INCIDENT, role: 'Incidents.Read', status: 200 },
  'get-incident-version': {
    method: 'GET',
    template: `${INCIDENT}/versions/{version}`,
    role: 'Incidents.Read',
    status: 200,
  },
  'get-sync-status': { method: 'GET', template: `${TENANT}/sync`, role: 'Incidents.Read', status: 200 },
  'list-incident-versions': {
    method: 'GET',
    template: `${INCIDENT}/versions`,
    role: 'Incidents.Read',
    status: 200,
  },
  'list-incidents': { method: 'GET', template: `${TENANT}/incidents`, role: 'Incidents.Read', status: 200 },
  'start-sync': { method: 'POST', template: `${TENANT}/incidents/sync`, role: 'Incidents.Sync', status: 202 },
};
const GUARDED = Object.entries(ROUTES).filter(([name]) => name !== 'get-health');
const ALL_ROLES = ['Incidents.Read', 'Incidents.Sync'];

let app: OutriderApp;
let tenant = '';
/** What stands in the routes: an incident that is stored, and its version. */
let values: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  app = await startOutrider();
  tenant = app.cloud.world.tenants[0]?.id ?? '';
  const { id } = app.cloud.defender.tenant(tenant).createIncident({ displayName: 'Stored' });
  await app.sync(tenant);
  const versions = await ask(`${INCIDENT}/versions`, { roles: ALL_ROLES }, { incidentId: id });
  const [newest] = versions.json<{ value: { version: string }[] }>().value;
  values = { incidentId: id, version: newest?.version ?? '' };
});

afterAll(() => app?.stop());

/** A route's path with its placeholders filled in. */
function pathOf(template: string, over: Readonly<Record<string, string>> = {}): string {
  const all: Readonly<Record<string, string>> = { tenantId: tenant, ...values, ...over };
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(all[name] ?? ''));
}

function ask(
  template: string,
  options: CallOptions = {},
  over?: Readonly<Record<string, string>>,
): Promise<Answer> {
  return app.call(pathOf(template, over), options);
}

test('the table has every HTTP function that the app registers, by its route and method', () => {
  const registered = app.functions.filter(({ trigger }) => trigger === 'http');
  expect(
    Object.fromEntries(registered.map(({ name, route, methods }) => [name, { route, methods }])),
  ).toEqual(
    Object.fromEntries(
      Object.entries(ROUTES).map(([name, { template, method }]) => [
        name,
        { route: template, methods: [method] },
      ]),
    ),
  );
});

describe.each(GUARDED)('%s', (_name, { method, template, role, status }) => {
  test('answers nobody without a token', async () => {
    expect(expectUnauthenticated(await ask(template, { method })).detail).toMatch(/^No token/);
  });

  test.each(BAD_TOKENS)('refuses $name', async ({ make, why }) => {
    const authorization = await make(app.cloud);
    const answer = await ask(template, { method, headers: { authorization } });
    expect(expectUnauthenticated(answer).detail).toMatch(why);
    const [, secret = authorization] = authorization.split(' ');
    if (secret !== '') expect(answer.text).not.toContain(secret);
  });

  test('refuses a caller without the role, and names it', async () => {
    const others = ALL_ROLES.filter((other) => other !== role);
    for (const roles of [[], others, [role.toLowerCase()], [`${role}.All`]]) {
      const answer = await ask(template, { method, roles });
      const body = expectProblem(answer, 403, 'request.forbidden');
      expect(body.detail).toContain(`app role ${role} `);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    }
  });

  test('does not take a user’s delegated permission for an app role', async () => {
    const { world, entra } = app.cloud;
    const token = await entra.issue({
      tenantId: world.home.id,
      appId: world.caller.clientId,
      audience: world.api.clientId,
      scopes: [role],
    });
    const answer = await ask(template, { method, headers: { authorization: `Bearer ${token}` } });
    expectProblem(answer, 403, 'request.forbidden');
  });

  test('answers a caller with the role', async () => {
    const answer = await ask(template, { method, roles: [role] });
    expect(answer.status, answer.text).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('wants a GUID as the tenant, once the caller has shown its right', async () => {
    for (const tenantId of ['contoso.com', `${tenant}0`, `x${tenant.slice(1)}`, '..%2f..']) {
      const body = expectProblem(
        await ask(template, { method, roles: [role] }, { tenantId }),
        400,
        'request.invalid',
      );
      expect(body.detail).toMatch(/tenant in the address must be .* GUID/);
      expectProblem(await ask(template, { method, roles: [] }, { tenantId }), 403, 'request.forbidden');
      expectUnauthenticated(await ask(template, { method }, { tenantId }));
    }
  });

  test('does not know other tenants, and tells it to callers with the role alone', async () => {
    const tenantId = '99999999-9999-4999-8999-999999999999';
    const body = expectProblem(
      await ask(template, { method, roles: [role] }, { tenantId }),
      404,
      'tenant.unknown',
    );
    expect(body).toMatchObject({ tenantId });
    expect(body.detail).toContain(tenantId);
    expectProblem(await ask(template, { method, roles: [] }, { tenantId }), 403, 'request.forbidden');
    expectUnauthenticated(await ask(template, { method }, { tenantId }));
  });

  test('takes the tenant in any letter case', async () => {
    const answer = await ask(template, { method, roles: [role] }, { tenantId: tenant.toUpperCase() });
    expect(answer.status, answer.text).toBe(status);
  });

  test('names unknown parameters', async () => {
    const answer = await app.call(`${pathOf(template)}?colour=blue`, {
      method,
      roles: [role],
    });
    expect(expectProblem(answer, 400, 'request.invalid').errors).toEqual(['colour: not a parameter here.']);
  });

  test('keeps the caller’s correlation id, in the log as well, unless it is unsound', async () => {
    const correlationId = `test-${crypto.randomUUID()}`;
    const answer = await ask(template, { method, headers: { 'x-correlation-id': correlationId } });
    expect(expectUnauthenticated(answer).correlationId).toBe(correlationId);
    expect((await app.logged(correlationId)).message).toMatch(/http\.refused.*request\.unauthenticated/);
    const unsound = await ask(template, { method, headers: { 'x-correlation-id': 'a "b" <c> d e f g' } });
    expect(expectUnauthenticated(unsound).correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('has no other methods', async () => {
    for (const other of ['PUT', 'DELETE', 'PATCH'].filter((name) => name !== method)) {
      const answer = await ask(template, { method: other, roles: ALL_ROLES });
      expect([404, 405]).toContain(answer.status);
    }
  });
});

describe('health', () => {
  test('shows its bare status to anybody, and nothing more', async () => {
    const answer = await app.call('/api/health');
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok' });
  });

  test('shows faults and checks to a caller with a role', async () => {
    const answer = await app.call('/api/health', { roles: ['Incidents.Sync'] });
    expect(answer.status).toBe(200);
    const { checks, ...rest } = answer.json<{ checks: { name: string; ok: boolean }[] }>();
    expect(rest).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/), faults: [] });
    expect(checks.map(({ name, ok }) => [name, ok]).sort()).toEqual([
      ['signIn', true],
      ['storage', true],
      ['vault', true],
    ]);
  });

  test('shows nothing at all to a caller without a role', async () => {
    expectProblem(await app.call('/api/health', { roles: [] }), 403, 'request.forbidden');
  });

  test.each(BAD_TOKENS)('refuses $name', async ({ make, why }) => {
    const authorization = await make(app.cloud);
    const answer = await app.call('/api/health', { headers: { authorization } });
    expect(expectUnauthenticated(answer).detail).toMatch(why);
  });

  test('names unknown parameters to callers with a role', async () => {
    const answer = await app.call('/api/health?deep=1', { roles: ['Incidents.Read'] });
    expect(expectProblem(answer, 400, 'request.invalid').errors).toEqual(['deep: not a parameter here.']);
  });
});

test('no token shows in the log', () => {
  expect(app.log.length).toBeGreaterThan(100);
  expect(app.log.map(({ message }) => message).join('\n')).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
});

test('nothing tried to leave the lab', () => {
  expect(app.cloud.refused()).toEqual([]);
});
