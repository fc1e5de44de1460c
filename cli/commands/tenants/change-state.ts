import type { Command } from 'commander';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import {
  addTenantOptions,
  apiOf,
  pathOf,
  type ShownTenant,
  type TenantOptions,
  tenantIdOf,
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
  const command = tenants
    .command(name)
    .description(description)
    .argument('<tenant>', 'its directory id, or its name');
  addTenantOptions(command).action(async (word: string, options: TenantOptions) => {
    const api = await apiOf(options);
    const path = pathOf(await tenantIdOf(api, word));
    const { etag } = await api.call<ShownTenant>(path);
    const { body } = await api.call<ShownTenant>(path, { method: 'PATCH', body: { state }, ifMatch: etag });
    if (options.output === 'json') return printJson(body);
    const when = state === 'suspended' ? ' Calls under way end within a minute.' : '';
    createScreen().line(`${body.name} is ${body.state}.${when}`);
  });
}
