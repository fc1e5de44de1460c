import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRoute, ROUTES } from '../../shared/http/routes-table.ts';
import { expectProblem } from '../http/expect-problem.ts';
import type { Answer } from '../http/outrider-app.ts';
import { ANALYST, type CallersApp, startCallersApp } from './callers-app.ts';
import {
  ALL_ROLES,
  EASY_AUTH,
  ELSEWHERE,
  FORBIDDEN,
  isForCustomers,
  type Order,
  roleOf,
  UNAUTHENTICATED,
  WELCOME,
} from './callers-kinds.ts';
import { HUNT, LATER, prepareRouteCalls, type RouteCalls } from './route-calls.ts';

/** The whole proof, not the short form for every day. */
const IS_WHOLE = Boolean(process.env.CI);

let lab: CallersApp;
let calls: RouteCalls;
beforeAll(async () => {
  lab = await startCallersApp();
  calls = await prepareRouteCalls(lab);
}, 180_000);
afterAll(() => lab?.app.stop());

const tokenOf = (route: ApiRoute, order: Order): Promise<string> =>
  lab.token({ roles: [roleOf(route)], ...order(route, lab) });
/** Browsers bring no token: test/http/onboarding.lab.test.ts is about what they may do. */
const FOR_CALLERS = (ROUTES as readonly ApiRoute[]).filter(({ forBrowsers }) => !forBrowsers);

it('a page for browsers is the same for everybody: no token opens or closes it', async () => {
  const pages = (ROUTES as readonly ApiRoute[]).filter(({ forBrowsers }) => forBrowsers);
  expect(pages.map(({ name }) => name)).toEqual(['onboard-tenant']);
  for (const route of pages) {
    const plain = await calls.ask(route, undefined);
    expect(plain.status).toBe(400);
    expect(plain.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const order of [...Object.values(UNAUTHENTICATED), ...Object.values(WELCOME)].slice(0, 3)) {
      const answer = await calls.ask(route, await lab.token({ roles: ALL_ROLES, ...order(route, lab) }));
      expect([answer.status, answer.text]).toEqual([plain.status, plain.text]);
    }
  }
});

describe.each<ApiRoute>(FOR_CALLERS)('$name', (route) => {
  const isOpen = route.action === undefined;

  it('answers 401 to whoever cannot be verified', async () => {
    for (const [name, order] of Object.entries(UNAUTHENTICATED)) {
      const answer = await calls.ask(route, await tokenOf(route, order));
      expect(answer.status, name).toBe(401);
      expectProblem(answer, 401, 'request.unauthenticated');
    }
  });

  it('answers 401 without a token, whatever App Service is said to have found out', async () => {
    const good = await tokenOf(route, () => ({}));
    for (const headers of [
      {},
      EASY_AUTH,
      { ...EASY_AUTH, 'x-ms-token-aad-access-token': good },
      { 'x-functions-key': 'x' },
    ]) {
      const answer = await calls.ask(route, undefined, { headers });
      if (!isOpen) expectProblem(answer, 401, 'request.unauthenticated');
      else expect(answer.json()).toEqual({ status: 'ok' });
    }
  });

  it('answers 403 to whoever lacks a right', async () => {
    for (const [name, order] of Object.entries(FORBIDDEN)) {
      const answer = await calls.ask(route, await tokenOf(route, order));
      expect(answer.status, name).toBe(403);
      expectProblem(answer, 403, 'request.forbidden');
    }
  });

  it('knows nothing of a tenant for whoever may not see it, as if there were none', async () => {
    const code = { tenant: 'tenant.unknown', run: 'request.not_found', visible: '', deployment: '' }[
      route.about
    ];
    if (code === '') return;
    const nobody = {
      tenantId: lab.stranger,
      runId: calls.values.runId?.replace(lab.emea, lab.stranger) ?? '',
      groupId: '0'.repeat(32),
    };
    const plain = ({ text }: Answer): string =>
      Object.entries(nobody)
        .reduce(
          (told, [name, id]) =>
            told.replaceAll(id, `<${name}>`).replaceAll(calls.values[name] ?? '', `<${name}>`),
          text,
        )
        .replace(/"correlationId":"[^"]+"/, '');
    for (const [name, order] of Object.entries(ELSEWHERE)) {
      const token = await tokenOf(route, order);
      const answer = await calls.ask(route, token);
      if (name.startsWith('another customer') && !isForCustomers(route)) {
        expectProblem(answer, 403, 'request.forbidden');
        continue;
      }
      expect(answer.status, `${name}: ${answer.text}`).toBe(404);
      expectProblem(answer, 404, code);
      if (!IS_WHOLE && !name.startsWith('an analyst of another')) continue;
      const other = await calls.ask(route, token, { over: nobody });
      expect(plain(answer), name).toBe(plain(other));
      expect([...answer.headers.keys()]).toEqual([...other.headers.keys()]);
    }
  });

  it('lets in whoever may, and tells them of no other tenant', async () => {
    const others = lab.app.cloud.world.tenants.filter(({ id }) => id === lab.apac);
    const welcome = Object.entries(WELCOME);
    // What they ask for is done for them, and takes its time.
    for (const [name, order] of IS_WHOLE ? welcome : welcome.filter((_, index) => index % 2 === 0)) {
      const answer = await calls.ask(route, await tokenOf(route, order));
      if (name.startsWith('the customer') && !isForCustomers(route)) {
        expectProblem(answer, 403, 'request.forbidden');
        continue;
      }
      expect([401, 403], `${name}: ${answer.text}`).not.toContain(answer.status);
      expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(500);
      expect(answer.text).not.toContain('tenant.unknown');
      if (name.includes('app that sees all') || name.startsWith('the same')) continue;
      for (const { id, name: other } of others) {
        expect(answer.text, name).not.toContain(id);
        expect(answer.text, name).not.toContain(other);
      }
    }
  });
});

/** The header is read in one place: some routes stand for all, where not the whole proof is wanted. */
const SOME = IS_WHOLE
  ? FOR_CALLERS
  : FOR_CALLERS.filter(({ name }) => /^(list-incidents|start-hunts|get-health)$/.test(name));

it.each<ApiRoute>(SOME)(
  '$name takes one header Authorization, and not more than a host does',
  async (route) => {
    const good = `Bearer ${await tokenOf(route, () => ({}))}`;
    const bad = `Bearer ${await tokenOf(route, () => ({ lifetimeSeconds: -120 }))}`;
    const name = 'authorization';
    for (const headers of [
      [
        [name, good],
        [name, bad],
      ],
      [
        [name, bad],
        [name, good],
      ],
      [
        [name, good],
        ['Authorization', good],
      ],
      [[name, `${good}, ${good}`]],
    ] as const) {
      expect(await lab.raw(calls.pathOf(route), route.method, headers)).toBe(401);
    }
    expect([400, 401, 431]).toContain(
      await lab.raw(calls.pathOf(route), route.method, [[name, good + 'x'.repeat(30_000)]]),
    );
  },
);

describe('an analyst of a group', () => {
  const analyst = (): Promise<string> =>
    lab.token({ objectId: ANALYST, roles: [...ALL_ROLES, 'Tenants.Group.emea'] });
  interface Hunts {
    readonly groupId: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly hunts: readonly { readonly tenantId: string; readonly runId?: string }[];
  }
  const hunt = async (body: object, headers: Readonly<Record<string, string>> = {}, token?: string) =>
    lab.call('/api/hunts', token ?? (await analyst()), {
      method: 'POST',
      body,
      headers: { ...LATER, ...headers },
    });

  it('hunts in all tenants that it sees', async () => {
    const { hunts } = (await hunt(HUNT)).json<Hunts & Record<string, unknown>>();
    expect(hunts.map(({ tenantId }) => tenantId).sort()).toEqual([lab.emea, lab.suspended].sort());
  });

  it('cannot name others, and is not told what they are called', async () => {
    const name = lab.app.cloud.world.tenants.find(({ id }) => id === lab.apac)?.name ?? '';
    for (const tenants of [[lab.apac], [lab.emea, lab.apac], [name], [name.slice(1)], [lab.stranger]]) {
      const answer = await hunt({ ...HUNT, tenants });
      const [fault] = expectProblem(answer, 400, 'request.invalid').errors as readonly string[];
      expect(fault).toMatch(/^tenants: there is no tenant "[^"]+"\.$/);
    }
  });

  it('sees its part of a hunt across tenants alone', async () => {
    const path = `/api/hunts/groups/${calls.sharedGroup}`;
    const whole = (await lab.call(path, await lab.token({ roles: ALL_ROLES }))).json<
      Hunts & Record<string, unknown>
    >();
    expect(whole.hunts).toHaveLength(2);
    const part = (await lab.call(path, await analyst())).json<Hunts & Record<string, unknown>>();
    expect(part.hunts.map(({ tenantId }) => tenantId)).toEqual([lab.emea]);
    expect(Object.values(part.counts)).toEqual([1]);
  });

  it('does not get another caller’s runs by its Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'the same for both' };
    const body = { ...HUNT, tenants: [lab.emea] };
    const first = (await hunt(body, headers)).json<Hunts & Record<string, unknown>>();
    const again = (await hunt(body, headers)).json<Hunts & Record<string, unknown>>();
    const overseer = await lab.token({ roles: ALL_ROLES });
    const others = (await hunt(body, headers, overseer)).json<Hunts & Record<string, unknown>>();
    expect(again).toMatchObject({ groupId: first.groupId, hunts: [{ runId: first.hunts[0]?.runId }] });
    expect(others.groupId).not.toBe(first.groupId);
    expect(others.hunts[0]?.runId).not.toBe(first.hunts[0]?.runId);
  });

  it('sees last runs of its tenants alone, and nothing of what is wrong in the deployment', async () => {
    const body = { queryId: calls.values.queryId, timespan: 'P1D' };
    const overseer = await lab.token({ roles: ALL_ROLES });
    await hunt({ ...body, tenants: [lab.emea, lab.apac] }, {}, overseer);
    const tenantsOf = async (token: string): Promise<readonly string[]> => {
      const answer = await lab.call(`/api/queries/${calls.values.queryId}`, token);
      const { lastRuns } = answer.json<{ lastRuns: { tenantId: string }[] }>();
      return lastRuns.map(({ tenantId }) => tenantId);
    };
    expect(await tenantsOf(overseer)).toEqual(expect.arrayContaining([lab.emea, lab.apac]));
    expect(await tenantsOf(await analyst())).toEqual([lab.emea]);
    expectProblem(await lab.call(`/api/queries?tenant=${lab.apac}`, await analyst()), 404, 'tenant.unknown');
    for (const token of [await analyst(), await lab.token({ tenantId: lab.emea, roles: ALL_ROLES })]) {
      expect((await lab.call('/api/health', token)).json()).toEqual({ status: 'ok' });
    }
    expect((await lab.call('/api/queries', await analyst())).json().problems).toBeUndefined();
  });
});

it('nothing tried to leave the lab, and no directory was asked for keys but those that may call', () => {
  expect(lab.app.cloud.refused()).toEqual([]);
  const { home } = lab.app.cloud.world;
  const asked = lab.app.cloud.log.entries().filter(({ path }) => path.includes('/discovery/v2.0/keys'));
  expect(new Set(asked.map(({ tenant }) => tenant))).toEqual(new Set([home.id, lab.emea, lab.apac]));
});
