import { describe, expect, it } from 'vitest';
import type { OutriderApi } from '../../cli/api/outrider-api.ts';
import { showChecked } from '../../cli/commands/tenants/check-table.ts';
import { chosenTenants } from '../../cli/commands/tenants/checkers.ts';
import { deployedCheckers } from '../../cli/commands/tenants/deployed-checkers.ts';
import { preflightWords } from '../../cli/commands/tenants/show.ts';
import { CommandFailure } from '../../cli/output/failure.ts';
import type { Screen } from '../../cli/output/screen.ts';
import { preflightView } from '../../shared/http/preflight-answer.ts';
import { testTenant } from '../auth/source-fixture.ts';
import { allRoles, play, TENANT_ID } from '../preflight/rig.ts';

const FABRIKAM = testTenant(TENANT_ID);
const CONTOSO = testTenant('10000000-0000-4000-8000-000000000002', { name: 'Contoso' });
const PAUSED = testTenant('10000000-0000-4000-8000-000000000003', { name: 'Paused', enabled: false });

function linesOf(...checked: Parameters<typeof showChecked>[0]): string[] {
  const lines: string[] = [];
  const screen = {
    line: (text: string) => void lines.push(...text.split('\n')),
    paint: (_style: string, text: string) => text,
    columns: () => undefined,
  };
  showChecked(checked, screen as unknown as Screen);
  return lines;
}

it('a step that several capabilities need is told once, with its link whole', async () => {
  const found = await play({ token: () => ({ held: ['Machine.Read.All', 'Machine.Isolate'] }) });
  const lines = linesOf({ tenant: FABRIKAM, found });
  expect(lines.filter((line) => line.includes('role missing'))).toHaveLength(4);
  expect(lines.filter((line) => line.trim().startsWith('https://'))).toHaveLength(4);
  const none = await play({
    call: () => 200,
    token: () => ({ held: [] }),
    check: { capabilities: ['incidents', 'hunting'] },
  });
  const blocked = {
    ...none,
    capabilities: none.capabilities.map((each) => ({ ...each, next: { text: 'Do this.' } })),
  };
  expect(linesOf({ tenant: FABRIKAM, found: blocked })).toContain('Fabrikam, incidents, hunting: Do this.');
});

it('a tenant that could not be checked has a row, and hides no other', async () => {
  const failure = { code: 'storage.unavailable', text: 'Storage is away.' };
  const lines = linesOf({ tenant: CONTOSO, failure }, { tenant: FABRIKAM, found: await play() });
  expect(lines).toContainEqual(expect.stringMatching(/^Contoso +- +not checked +storage\.unavailable$/));
  expect(lines).toContain('Contoso: Storage is away.');
  expect(lines).toContainEqual(expect.stringMatching(/^Fabrikam +incidents +ok/));
  expect(lines.at(-1)).toBe('2 tenants, 1 in order.');
});

it('tenants are chosen by name or id; without either there must be one alone', () => {
  const choose = (words: readonly string[], all = false, tenants = [FABRIKAM, CONTOSO, PAUSED]) =>
    chosenTenants(tenants, { faults: [] }, { words, all }).map(({ name }) => name);
  expect(choose(['CONTOSO', TENANT_ID, 'contoso'])).toEqual(['Contoso', 'Fabrikam']);
  expect(choose([], true)).toEqual(['Fabrikam', 'Contoso']);
  expect(choose([], false, [CONTOSO])).toEqual(['Contoso']);
  expect(() => choose([])).toThrow(/Say which: --all, or some of Fabrikam, Contoso, Paused/);
  expect(() => choose(['nobody'])).toThrow(/There is no tenant nobody/);
  expect(() => choose([], true, [])).toThrow(/No tenant is configured/);
});

it('the last preflight is told with what did not work', () => {
  const at = '2026-11-21T12:00:00.000Z';
  const wrong = {
    at,
    ok: false,
    states: { incidents: 'ok', alerts: 'roleMissing' },
    notes: ['It ends.'],
  } as const;
  expect(preflightWords({ lastPreflight: wrong })).toBe(`${at}: alerts role missing. It ends.`);
  expect(preflightWords({ lastPreflight: { at, ok: true, states: {}, notes: [] } })).toBe(`${at}: all ok.`);
  expect(preflightWords({})).toBeUndefined();
});

describe('with --url', () => {
  const PLAYED = play({ token: () => ({ held: ['Machine.Read.All', 'Machine.Isolate'] }) });
  const SHOWN = [FABRIKAM, CONTOSO].map(({ id: tenantId, name }) => ({ tenantId, name }));

  /** The API of a deployment: its tenants, and one preflight for all of them. */
  function deployment(shown: readonly object[] = SHOWN) {
    const asked: string[] = [];
    const api = {
      items: async (path: string) => {
        asked.push(path);
        return shown;
      },
      async call(path: string) {
        asked.push(path);
        const [, id, preflight] = /^\/api\/tenants\/([^/]+)(\/preflight)?$/.exec(path) ?? [];
        const tenant = SHOWN.find(({ tenantId }) => tenantId === id);
        const body = preflight ? JSON.parse(JSON.stringify(preflightView(await PLAYED))) : tenant;
        return { status: 200, etag: undefined, body };
      },
    } as unknown as OutriderApi;
    return { api, asked };
  }

  it('the deployed app looks, at all of its active tenants or at those that are named', async () => {
    const { api, asked } = deployment();
    const all = await deployedCheckers(api, { words: [], all: true });
    expect(all.map(({ tenant }) => tenant.name)).toEqual(['Fabrikam', 'Contoso']);
    expect(asked).toEqual(['/api/tenants?state=active&top=1000']);
    const named = await deployedCheckers(api, { words: [TENANT_ID, 'fabrikam'], all: false });
    expect(named.map(({ tenant }) => tenant)).toEqual([{ id: TENANT_ID, name: 'Fabrikam' }]);
    // What comes by the wire is what was seen there, in whole.
    const { atMs, capabilities, credential } = await PLAYED;
    const seen = JSON.parse(JSON.stringify({ atMs, capabilities, credential }));
    expect(await named[0]?.check(undefined)).toMatchObject({ tenantId: TENANT_ID, ok: false, ...seen });
  });

  it('only the capabilities that are asked for count', async () => {
    const [one] = await deployedCheckers(deployment().api, { words: [TENANT_ID], all: false });
    const found = await PLAYED;
    expect([found.ok, (await one?.check(['deviceActions']))?.ok]).toEqual([false, true]);
    const wrong = await one?.check(['deviceActions', 'hunting']);
    expect([wrong?.ok, wrong?.capabilities.map(({ capability }) => capability)]).toEqual([
      false,
      ['hunting', 'deviceActions'],
    ]);
  });

  it('a refusal is the one tenant’s; of one alone it is the answer', async () => {
    const { api } = deployment();
    const call = async (path: string): Promise<unknown> => {
      if (path.endsWith(`${TENANT_ID}/preflight`)) throw new CommandFailure(1, 'It is not in service.');
      return api.call(path);
    };
    const refusing = { ...api, call } as OutriderApi;
    const [first, second] = await deployedCheckers(refusing, { words: [], all: true });
    await expect(first?.check(undefined)).rejects.toMatchObject({
      code: 'upstream.unavailable',
      message: 'It is not in service.',
    });
    expect((await second?.check(undefined))?.capabilities).not.toEqual([]);
    const [alone] = await deployedCheckers(refusing, { words: [TENANT_ID], all: false });
    await expect(alone?.check(undefined)).rejects.toBeInstanceOf(CommandFailure);
  });

  it('without words there must be one tenant alone', async () => {
    const none = { words: [], all: false };
    await expect(deployedCheckers(deployment().api, none)).rejects.toThrow(/Say which: .* Fabrikam, Contoso/);
    await expect(deployedCheckers(deployment([]).api, none)).rejects.toThrow(/no active tenant/);
    expect(await deployedCheckers(deployment(SHOWN.slice(0, 1)).api, none)).toHaveLength(1);
  });
});

it('where only actions lack consent, it is told how to leave them out', async () => {
  const hint = /--capability incidents,alerts,hunting$/;
  const found = await play({
    token: (resource) => ({ held: resource === 'mde' ? [] : allRoles(resource).filter(isForReading) }),
  });
  expect(linesOf({ tenant: FABRIKAM, found }).at(-1)).toMatch(hint);
  const blind = await play({ token: () => ({ held: [] }) });
  expect(linesOf({ tenant: FABRIKAM, found: blind }).at(-1)).not.toMatch(hint);
  expect(linesOf({ tenant: FABRIKAM, found: await play() }).at(-1)).not.toMatch(hint);
});

const isForReading = (role: string): boolean => role.includes('.Read.');
