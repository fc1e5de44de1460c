import type { CapabilityCheck, Preflight } from '../../../shared/preflight/preflight.ts';
import { type PreflightState, STATE_WORDS } from '../../../shared/preflight/states.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { counted } from '../../output/amounts.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { table } from '../../output/table.ts';

/** A tenant, and how it stands or why that could not be seen. */
export type Checked = { readonly tenant: Pick<Tenant, 'id' | 'name'> } & (
  | { readonly found: Preflight }
  | { readonly failure: { readonly code: string; readonly text: string } }
);

interface Row {
  readonly tenant: string;
  readonly capability: string;
  readonly state: string;
  readonly style: Style;
  readonly seen: string;
}

/** One row for each tenant and capability; below, each next step once, with those whom it concerns. */
export function showChecked(checked: readonly Checked[], screen: Screen): void {
  screen.line(
    table<Row>(
      [
        { title: 'Tenant', text: ({ tenant }) => tenant, shrinkTo: 8 },
        { title: 'Capability', text: ({ capability }) => capability },
        { title: 'State', text: ({ state }) => state, style: ({ style }) => style },
        { title: 'Seen', text: ({ seen }) => seen, shrinkTo: 20 },
      ],
      checked.flatMap(rowsOf),
      { screen },
    ),
  );
  for (const line of stepsOf(checked)) screen.line(line);
  for (const each of checked) {
    for (const note of 'found' in each ? each.found.notes : []) screen.line(`${each.tenant.name}: ${note}`);
  }
  const well = checked.filter((each) => 'found' in each && each.found.ok).length;
  screen.line(`${counted(checked.length, 'tenant')}, ${well} in order.`);
  if (checked.some(lacksActionsAlone)) {
    screen.line('Where nobody is to act on devices and accounts: --capability incidents,alerts,hunting');
  }
}

/** Whether all is well but what many tenants are never to allow. */
function lacksActionsAlone(each: Checked): boolean {
  if (!('found' in each)) return false;
  const lacking = each.found.capabilities.filter(({ state }) => state !== 'ok');
  const isAction = ({ capability, state }: CapabilityCheck): boolean =>
    capability.endsWith('Actions') && ['notConsented', 'roleMissing'].includes(state);
  return lacking.length > 0 && lacking.every(isAction);
}

function rowsOf(each: Checked): readonly Row[] {
  const { name } = each.tenant;
  if ('failure' in each) {
    const { code } = each.failure;
    return [{ tenant: name, capability: '-', state: 'not checked', style: 'red', seen: code }];
  }
  return each.found.capabilities.map(({ capability, state, seen }) => ({
    tenant: name,
    capability,
    state: STATE_WORDS[state],
    style: styleOf(state),
    seen: seen.text,
  }));
}

/** Throttled tells nothing; all else but ok is to be mended. */
function styleOf(state: PreflightState): Style {
  if (state === 'ok') return 'green';
  return state === 'throttled' ? 'yellow' : 'red';
}

/** Never cut, and a link alone at the end of its line: people copy it. */
function stepsOf(checked: readonly Checked[]): readonly string[] {
  return checked.flatMap((each) => {
    const { name } = each.tenant;
    if ('failure' in each) return [`${name}: ${each.failure.text}`];
    const steps = new Map<string, CapabilityCheck[]>();
    for (const check of each.found.capabilities) {
      if (!check.next) continue;
      const step = check.next.link ? `${check.next.text}\n  ${check.next.link}` : check.next.text;
      steps.set(step, [...(steps.get(step) ?? []), check]);
    }
    return [...steps].map(
      ([step, checks]) => `${name}, ${checks.map(({ capability }) => capability).join(', ')}: ${step}`,
    );
  });
}
