import type { Command } from 'commander';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import {
  addOneTenant,
  addTenantOptions,
  changeAsItIs,
  type ShownTenant,
  type TenantOptions,
  tenantAt,
} from './target.ts';

/** `outrider tenants suspend TENANT`. */
export function registerTenantsSuspend(tenants: Command): void {
  registerState(tenants, 'suspend', 'suspended', 'Stop all calls to a tenant. What is stored stays.');
}

/** `outrider tenants resume TENANT`. */
export function registerTenantsResume(tenants: Command): void {
  registerState(tenants, 'resume', 'active', 'Go on with a suspended tenant, at once.');
}

function registerState(
  tenants: Command,
  name: string,
  state: 'active' | 'suspended',
  description: string,
): void {
  const example = `\nExample:\n  $ outrider tenants ${name} Fabrikam`;
  const command = addOneTenant(tenants, name, description).addHelpText('after', example);
  addTenantOptions(command).action(async (word: string, options: TenantOptions) => {
    const { api, path } = await tenantAt(word, options);
    const tenant = await changeAsItIs<ShownTenant>(api, path, { method: 'PATCH', body: { state } });
    if (options.output === 'json') return printJson(tenant);
    const when = state === 'suspended' ? ' Calls under way end within a minute.' : '';
    createScreen().line(`${tenant.name} is ${tenant.state}.${when}`);
  });
}
