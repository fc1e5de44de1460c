import type { Command } from 'commander';
import { counted } from '../../output/amounts.ts';
import { printJson } from '../../output/json.ts';
import { createScreen, type Style } from '../../output/screen.ts';
import { table } from '../../output/table.ts';
import { addTenantOptions, apiOf, type ShownTenant, type TenantOptions } from './target.ts';

interface ListOptions extends TenantOptions {
  readonly state?: string;
  readonly group?: string;
}

const STYLES: Readonly<Record<string, Style>> = { active: 'green', suspended: 'yellow', offboarded: 'dim' };

/** `outrider tenants list`. */
export function registerTenantsList(tenants: Command): void {
  const list = tenants
    .command('list')
    .description('List the tenants that you may see, by name.')
    .option('--state <states>', 'only in these: invited, consented, active, suspended, offboarded')
    .option('--group <name>', 'only those of a group')
    .addHelpText('after', '\nExample:\n  $ outrider tenants list --state active,suspended --group emea');
  addTenantOptions(list).action(async (options: ListOptions) => {
    const { state, group, output } = options;
    const query = new URLSearchParams({ top: '1000' });
    if (state !== undefined) query.set('state', state);
    if (group !== undefined) query.set('group', group);
    const api = await apiOf(options);
    const found = [...(await api.items<ShownTenant>(`/api/tenants?${query}`))];
    if (output === 'json') return printJson(found);
    found.sort((a, b) => a.name.localeCompare(b.name, 'en'));
    tell(found);
  });
}

function tell(found: readonly ShownTenant[]): void {
  const screen = createScreen();
  if (found.length > 0) {
    screen.line(
      table<ShownTenant>(
        [
          { title: 'Name', text: ({ name }) => name, shrinkTo: 12 },
          { title: 'Tenant', text: ({ tenantId }) => tenantId },
          { title: 'State', text: ({ state }) => state, style: ({ state }) => STYLES[state] },
          { title: 'Incidents', text: ({ api }) => api },
          { title: 'Hunts', text: ({ huntingApi }) => huntingApi },
          { title: 'Sign-in', text: ({ credential }) => credential.kind ?? '' },
          { title: 'Groups', text: ({ groups }) => groups.join(' '), shrinkTo: 8 },
          { title: 'Kept in', text: ({ source }) => source },
        ],
        found,
        { screen },
      ),
    );
  }
  screen.line(`${counted(found.length, 'tenant')}.`);
}
