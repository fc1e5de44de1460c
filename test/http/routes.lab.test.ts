import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_ROLES, GUARDED, HUNT, INCIDENT, OF_TENANT, ROUTES } from './asked-routes.ts';
import { expectProblem, expectUnauthenticated } from './expect-problem.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';
import { BAD_TOKENS } from './tokens.ts';

let app: OutriderApp;
let tenant = '';
/** What stands in the routes: an incident that is stored, its version, a query of the library, a run and its group. */
let values: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  // As a deployment is by default: a customer's directory is another directory.
  app = await startOutrider({ settings: () => ({ OUTRIDER_API_CALLERS: 'single-tenant' }) });
  tenant = app.cloud.world.tenants[0]?.id ?? '';
  const { id } = app.cloud.defender.tenant(tenant).createIncident({ displayName: 'Stored' });
  await app.sync(tenant);
  const versions = await ask(`${INCIDENT}/versions`, { roles: ALL_ROLES }, { incidentId: id });
  const [newest] = versions.json<{ value: { version: string }[] }>().value;
  const hunt = await app.call('/api/hunts', { method: 'POST', roles: ALL_ROLES, body: HUNT });
  const { groupId, hunts } = hunt.json<{ groupId: string; hunts: { runId: string }[] }>();
  values = {
    incidentId: id,
    version: newest?.version ?? '',
    queryId: 'device-recovery-sabotage',
    groupId,
    findingId: '0'.repeat(32),
    invitationId: '77777777-7777-4777-8777-777777777777',
    runId: hunts[0]?.runId ?? '',
  };
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
  // The one page for browsers is no part of this: test/http/onboarding.lab.test.ts.
  const registered = app.functions.filter(
    ({ trigger, name }) => trigger === 'http' && name !== 'onboard-tenant',
  );
  expect(
    Object.fromEntries(registered.map(({ name, route, methods }) => [name, { route, methods }])),
  ).toEqual(
    Object.fromEntries(
      Object.entries(ROUTES).map(([name, { template, method }]) => [
        name,
        { route: template.replace(/\?.*/, ''), methods: [method] },
      ]),
    ),
  );
});

// Who is kept out of each route is proven in test/callers/every-route.lab.test.ts.
describe.each(GUARDED)('%s', (_name, { method, template, role, statuses, body }) => {
  test('answers a caller with the role', async () => {
    const answer = await ask(template, { method, roles: [role], body });
    expect(statuses, answer.text).toContain(answer.status);
    expect(answer.headers.get('content-type')).toMatch(
      answer.status < 400 ? /^application\/json/ : /^application\/problem\+json/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('names unknown parameters', async () => {
    const answer = await app.call(`${pathOf(template)}${template.includes('?') ? '&' : '?'}colour=blue`, {
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
    // An address may be another route's as well: `incidents/sync` is that of an incident of this name, too.
    const own = GUARDED.filter(([, route]) => leadsTo(template, route.template)).map(
      ([, route]) => route.method,
    );
    for (const other of ['PUT', 'DELETE', 'PATCH'].filter((name) => !own.some((known) => known === name))) {
      const answer = await ask(template, { method: other, roles: ALL_ROLES });
      expect([404, 405]).toContain(answer.status);
    }
  });
});

function leadsTo(address: string, template: string): boolean {
  const [segments, wanted] = [address.split('/'), template.split('/')];
  const fits = (segment: string, at: number): boolean =>
    segment === wanted[at] || (wanted[at]?.startsWith('{') ?? false);
  return segments.length === wanted.length && segments.every(fits);
}

describe.each(OF_TENANT)('%s of a tenant', (_name, { method, template, role, statuses, body }) => {
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
    const answer = await ask(template, { method, roles: [role], body }, { tenantId: tenant.toUpperCase() });
    expect(statuses, answer.text).toContain(answer.status);
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
    const { checks, heartbeat, ...rest } = answer.json<{
      checks: { name: string; ok: boolean }[];
      /** Not before the timer's first tick. */
      heartbeat?: string;
    }>();
    expect(rest).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      faults: [],
      warnings: [],
    });
    if (heartbeat !== undefined) expect(Date.now() - Date.parse(heartbeat)).toBeLessThan(120_000);
    expect(checks.map(({ name, ok }) => [name, ok]).sort()).toEqual([
      ['signIn', true],
      ['storage', true],
      ['tenants', true],
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
