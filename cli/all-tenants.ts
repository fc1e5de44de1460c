import type { Outrider } from '../shared/app.ts';
import type { Tenant } from '../shared/tenant.ts';
import { messageOf } from './output/failure.ts';
import { createScreen } from './output/screen.ts';

/**
 * The tenants of settings and registry, as the deployed app sees them. Where the registry cannot be read from here,
 * those of the settings alone, and one line on stderr says so.
 */
export async function allTenants({
  config,
  tenants,
}: Pick<Outrider, 'config' | 'tenants'>): Promise<readonly Tenant[]> {
  try {
    return await tenants.directory.list();
  } catch (error) {
    createScreen(process.stderr).line(`Registered tenants are left out: ${messageOf(error)}`);
    return config.tenants;
  }
}
