import { OutriderError } from '../errors.ts';
import type { Tenant, TenantDirectory, TokenRequest } from '../tenant.ts';
import { isGuid } from '../text.ts';
import { tenantName } from './sign-in-error.ts';

/**
 * The tenant of a request for a token: only one that is listed and enabled ever gets one.
 *
 * @throws OutriderError `tenant.unknown`, `tenant.disabled`
 */
export async function enabledTenant(tenants: TenantDirectory, id: string): Promise<Tenant> {
  if (!isGuid(id))
    throw new OutriderError('tenant.unknown', 'A tenant is named by its directory id, a GUID.');
  const tenant = await tenants.get(id);
  if (tenant === undefined) {
    throw new OutriderError('tenant.unknown', `Tenant ${id} is not in the list of tenants.`, { tenant: id });
  }
  if (tenant.enabled) return tenant;
  throw new OutriderError(
    'tenant.disabled',
    `The ${tenantName(tenant)} is not in service, so nothing is asked of it. Resume it, or enable it in OUTRIDER_TENANTS.`,
    { tenant: tenant.id },
  );
}

/** Errors of the vault and of identities do not know which tenant they strike. */
export function namingTenant(error: unknown, tenant: Tenant, signal: TokenRequest['signal']): unknown {
  if (signal?.aborted) {
    return new OutriderError('aborted', `Getting a token of ${tenantName(tenant)} was stopped.`, {
      tenant: tenant.id,
    });
  }
  if (!(error instanceof OutriderError) || error.facts.tenant !== undefined) return error;
  const { code, message, facts } = error;
  return new OutriderError(code, `No sign-in to ${tenantName(tenant)}: ${message}`, {
    ...facts,
    tenant: tenant.id,
  });
}
