import type { Command } from 'commander';
import { STATE_WORDS } from '../../../shared/preflight/states.ts';
import { factLines } from '../../output/facts.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { addOneTenant, addTenantOptions, type ShownTenant, type TenantOptions, tenantAt } from './target.ts';

/** `outrider tenants show TENANT`. */
export function registerTenantsShow(tenants: Command): void {
  const show = addOneTenant(tenants, 'show', 'Show a tenant, whatever its state.').addHelpText(
    'after',
    '\nExample:\n  $ outrider tenants show Fabrikam',
  );
  addTenantOptions(show).action(async (word: string, options: TenantOptions) => {
    const { api, path } = await tenantAt(word, options);
    const { body } = await api.call<ShownTenant>(path);
    tellTenant(body, options.output);
  });
}

/** A tenant with all that is known of it. */
export function tellTenant(tenant: ShownTenant, output: TenantOptions['output']): void {
  const screen = createScreen();
  if (output === 'json') printJson(tenant);
  else for (const line of factLines(factsOf(tenant), screen)) screen.line(line);
}

function factsOf(tenant: ShownTenant): readonly (readonly [string, string])[] {
  const { kind, ...credential } = tenant.credential;
  const sync = Object.entries(tenant.sync).map(([name, value]) => `${name} ${value}`);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Tenant', tenant.tenantId],
    ['Name', tenant.name],
    ['State', tenant.state],
    ['Kept in', tenant.source === 'settings' ? 'the settings (OUTRIDER_TENANTS)' : 'the registry'],
    ['Cloud', tenant.cloud],
    ['Incidents by', tenant.api],
    ['Hunts by', tenant.huntingApi],
    ['Sign-in', [kind, ...Object.values(credential)].join(', ')],
    ['Sync', sync.join(', ')],
    ['Groups', tenant.groups.join(', ') || undefined],
    [
      'Tags',
      Object.entries(tenant.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || undefined,
    ],
    ['Registered', tenant.createdAt],
    ['Changed', tenant.changedAt],
    ['Preflight', preflightWords(tenant)],
    ['Removal', removalWords(tenant)],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

/** What did not work when somebody last looked, and when that was. */
export function preflightWords({ lastPreflight }: Pick<ShownTenant, 'lastPreflight'>): string | undefined {
  if (!lastPreflight) return undefined;
  const { at, ok, states, notes } = lastPreflight;
  const wrong = Object.entries(states).filter(([, state]) => state !== 'ok');
  const said = ok ? 'all ok' : wrong.map(([name, state]) => `${name} ${STATE_WORDS[state]}`).join(', ');
  return [`${at}: ${said}.`, ...notes].join(' ');
}

/** How far the removal of a tenant has come. */
export function removalWords({ removal }: Pick<ShownTenant, 'removal'>): string | undefined {
  if (!removal) return undefined;
  const { done, doneAt, notDoneBefore, rowsDeleted, blobsDeleted } = removal;
  const deleted = `${rowsDeleted} rows and ${blobsDeleted} blobs deleted`;
  return done ? `done at ${doneAt}, ${deleted}` : `under way, ${deleted}; done after ${notDoneBefore}`;
}
