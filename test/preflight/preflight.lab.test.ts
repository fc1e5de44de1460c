import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processEnvironment } from '../../lab/environment.ts';
import type { preflightView } from '../../shared/http/preflight-answer.ts';
import { type CommandLine, createCommandLine, type Ended } from '../cli/lab-command.ts';
import { expectProblem } from '../http/expect-problem.ts';
import { type Answer, type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { playStories, STORIES } from './states-lab.ts';

type View = ReturnType<typeof preflightView>;
const READ = { roles: ['Tenants.Read'] };

let app: OutriderApp;
let line: CommandLine;
let env: Readonly<Record<string, string>> = {};
/** One more than there are stories: not in the settings, to be registered. */
let newcomer: OutriderApp['cloud']['world']['tenants'][number];

beforeAll(async () => {
  [app, line] = await Promise.all([
    startOutrider({
      cloud: { tenants: STORIES.length + 1 },
      settings: ({ env: labs }) => ({
        OUTRIDER_TENANTS: JSON.stringify(
          JSON.parse(labs.OUTRIDER_TENANTS ?? '')
            .slice(0, STORIES.length)
            .map((tenant: object, index: number) => ({
              ...tenant,
              huntingApi: index === 5 ? 'xdr' : 'graph',
            })),
        ),
        OUTRIDER_INTERVAL_MINUTES: '1440',
      }),
    }),
    createCommandLine(),
  ]);
  const { cloud } = app;
  playStories(cloud);
  newcomer = cloud.world.tenants[STORIES.length] as typeof newcomer;
  env = processEnvironment(cloud.env, process.env);
});
afterAll(async () => {
  await Promise.all([app?.stop(), line?.dispose()]);
});

const idOf = (index: number): string => app.cloud.world.tenants[index]?.id ?? '';
const preflight = (id: string): Promise<Answer> => app.call(`/api/tenants/${id}/preflight`, READ);
const statesOf = (view: View) =>
  Object.fromEntries(view.capabilities.map(({ capability, state }) => [capability, state]));
const check = (...args: readonly string[]): Promise<Ended> => line.run(['tenants', 'check', ...args], env);

describe('GET /api/tenants/{tenantId}/preflight', () => {
  it.each(STORIES.map(({ name, expected }, index) => [name, expected, index] as const))(
    'tells that %s',
    async (_, expected, index) => {
      const answer = await preflight(idOf(index));
      expect(answer.status, answer.text).toBe(200);
      const view = answer.json<View>();
      expect(statesOf(view), answer.text).toEqual(expected);
      expect(view.ok).toBe(Object.values(expected).every((state) => state === 'ok'));
      for (const { state, next } of view.capabilities)
        expect(next === undefined, answer.text).toBe(state === 'ok');
    },
  );

  it('says what was seen and what comes next, with the link of this tenant and app', async () => {
    const [revoked, expired, soon] = await Promise.all([2, 1, 5].map((index) => preflight(idOf(index))));
    const { world } = app.cloud;
    expect(revoked?.json<View>().capabilities[0]).toMatchObject({
      seen: { by: 'claims' },
      next: {
        link: `https://login.microsoftonline.com/${idOf(2)}/adminconsent?client_id=${world.reader.clientId}`,
        permissions: ['SecurityIncident.Read.All'],
      },
    });
    expect(expired?.json<View>().capabilities[0]).toMatchObject({
      seen: { by: 'signIn', serviceCode: 'AADSTS7000222', status: 401 },
      next: { text: expect.stringMatching(/The secret of the app .* has expired/) },
    });
    expect(soon?.json<View>()).toMatchObject({
      ok: true,
      credential: { kind: 'secret', expiresInDays: 12 },
      notes: [
        expect.stringMatching(/stops on 2027-02-01/),
        expect.stringMatching(/secret of this tenant expires in 12 days/),
      ],
    });
  });

  it('changes nothing: all that was sent to Defender are reads and one trivial hunt', () => {
    const sent = app.cloud.log.entries().filter(({ service }) => service === 'graph' || service === 'xdr');
    const kinds = new Set(sent.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`));
    expect([...kinds].sort()).toEqual([
      'GET /api/incidents',
      'GET /api/machines',
      'GET /v1.0/security/alerts_v2',
      'GET /v1.0/security/identities/identityAccounts',
      'GET /v1.0/security/incidents',
      'POST /api/advancedhunting/run',
      'POST /v1.0/security/runHuntingQuery',
    ]);
  });

  it('is remembered with the tenant', async () => {
    const tenant = (await app.call(`/api/tenants/${idOf(4)}`, READ)).json<{ lastPreflight: object }>();
    expect(tenant.lastPreflight).toMatchObject({
      ok: false,
      states: { alerts: 'roleMissing', incidents: 'ok' },
    });
  });

  it('is for who may see tenants, and for tenants that there are', async () => {
    expectProblem(
      await app.call(`/api/tenants/${idOf(0)}/preflight`, { roles: ['Incidents.Read'] }),
      403,
      'request.forbidden',
    );
    expectProblem(await preflight('99999999-9999-4999-8999-999999999999'), 404, 'tenant.unknown');
    expectProblem(await preflight('common'), 400, 'request.invalid');
  });
});

it('a new tenant is looked at by itself, and a suspended one is not asked', async () => {
  const MANAGE = { roles: ['Tenants.Read', 'Tenants.Manage'] };
  const body = {
    tenantId: newcomer.id,
    name: newcomer.name,
    api: newcomer.api,
    credential: newcomer.credential,
  };
  const registered = await app.call('/api/tenants', { ...MANAGE, method: 'POST', body });
  expect(registered.status, registered.text).toBe(201);
  let seen = '';
  const last = await waitFor(
    async () => {
      seen = (await app.call(`/api/tenants/${newcomer.id}`, MANAGE)).text;
      return JSON.parse(seen).lastPreflight as { states: object } | undefined;
    },
    () => seen,
  );
  expect(last.states).toMatchObject({ incidents: 'ok', hunting: 'ok', deviceActions: 'notConsented' });
  const etag = registered.headers.get('etag') ?? '';
  const suspend = { ...MANAGE, method: 'PATCH', body: { state: 'suspended' }, headers: { 'if-match': etag } };
  expect((await app.call(`/api/tenants/${newcomer.id}`, suspend)).status).toBe(200);
  expectProblem(await preflight(newcomer.id), 409, 'tenant.disabled');
});

it('a credential that expires soon is in the log once a day, and a warning of health that stays ok', async () => {
  await app.call('/admin/functions/check-credentials', { method: 'POST', body: {} });
  const { message } = await app.logged('credential.expires_soon');
  expect(message).toMatch(new RegExp(`"tenant":"${idOf(5)}"`));
  expect(message).toMatch(/"days":12/);
  expect(message).toMatch(/"kind":"secret"/);
  await app.logged('credential.checked');
  const health = await app.call('/api/health', READ);
  expect(health.status).toBe(200);
  expect(health.json<{ warnings: string[] }>().warnings.join()).toMatch(/expires in 12 days/);
});

describe('outrider tenants check', () => {
  it('finds the same by itself, one tenant hiding none of the others', async () => {
    const { code, stdout, stderr } = await check('--all', '--output', 'json');
    expect([code, stderr.split('\n').at(-2)]).toEqual([
      1,
      expect.stringMatching(/^outrider: Something is missing in \d+ tenants of \d+/),
    ]);
    const views = JSON.parse(stdout) as View[];
    const byId = new Map(views.map((view) => [view.tenantId, view]));
    for (const [index, { name, expected }] of STORIES.entries()) {
      const view = byId.get(idOf(index));
      if (!view) throw new Error(`nothing of the tenant where ${name}`);
      expect(statesOf(view), name).toEqual(expected);
    }
  });

  it('shows a row for each capability, and the next step with its link whole', async () => {
    const { code, stdout } = await check(idOf(2), '--capability', 'incidents,hunting');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^.+ +incidents +not consented +The token for Microsoft Graph has no roles\.$/m);
    expect(stdout).toMatch(/^.+ +hunting +not consented/m);
    expect(stdout).toContain(`/${idOf(2)}/adminconsent?client_id=`);
    expect(stdout).toMatch(/^1 tenant, 0 in order\.$/m);
  });

  it('ends with 0 where all is well, and with 2 where it is used wrongly', async () => {
    const [well, unknown, capability] = await Promise.all([
      check(app.cloud.world.tenants[0]?.name.toUpperCase() ?? ''),
      check('nobody'),
      check('--all', '--capability', 'flying'),
    ]);
    expect([well.code, well.stderr]).toEqual([0, '']);
    expect(well.stdout).toMatch(/^1 tenant, 1 in order\.$/m);
    for (const wrong of [unknown, capability]) expect(wrong.code, wrong.stderr).toBe(2);
    expect(unknown.stderr).toMatch(/There is no tenant nobody\. Known: Fabrikam/);
  });
});
