import { expect, it } from 'vitest';
import { showChecked } from '../../cli/commands/tenants/check-table.ts';
import { chosenTenants } from '../../cli/commands/tenants/checkers.ts';
import { preflightWords } from '../../cli/commands/tenants/show.ts';
import type { Screen } from '../../cli/output/screen.ts';
import { testTenant } from '../auth/source-fixture.ts';
import { play, TENANT_ID } from '../preflight/rig.ts';

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
