import type { Tenant, TenantDirectory } from './tenant.ts';

/** The tenants that configuration names, behind the port that a registry will fill later. */
export function createConfiguredTenants(tenants: readonly Tenant[]): TenantDirectory {
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  return {
    list: async () => tenants,
    get: async (id) => byId.get(id.toLowerCase()),
  };
}
