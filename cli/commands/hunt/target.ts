import type { Outrider } from '../../../shared/app.ts';
import type { RunTarget } from '../../../shared/hunting/ask/wait-for-runs.ts';
import { tenantOfRun } from '../../../shared/hunting/run/names.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { EXIT, fail } from '../../output/failure.ts';

/**
 * The tenants to hunt in: the one that is named, all that are in service, or the only one.
 *
 * @param from those that there are, and what is wrong with the settings
 */
export function huntIn(
  { tenants, faults }: Pick<Outrider['config'], 'tenants' | 'faults'>,
  { tenant, all = false }: { readonly tenant?: string; readonly all?: boolean },
): readonly Tenant[] {
  if (tenants.length === 0) {
    const texts = faults.map(({ text }) => text).join(' ');
    return fail(
      EXIT.usage,
      `No tenant is configured: set OUTRIDER_TENANT_ID or OUTRIDER_TENANTS, or register one. ${texts} In the lab: outrider lab exec -- outrider hunt run …`,
    );
  }
  if (tenant !== undefined && all) return fail(EXIT.usage, 'Either --tenant or --all, not both.');
  if (all) return inService(tenants);
  const known = tenants.map(({ name }) => name).join(', ');
  if (tenant === undefined) {
    return tenants.length === 1
      ? tenants
      : fail(EXIT.usage, `Say where: --tenant, one of ${known}; or --all.`);
  }
  const found = tenants.filter(({ id, name }) => [id, name.toLowerCase()].includes(tenant.toLowerCase()));
  return found.length > 0 ? found : fail(EXIT.usage, `There is no tenant ${tenant}. Known: ${known}.`);
}

function inService(tenants: readonly Tenant[]): readonly Tenant[] {
  const found = tenants.filter(({ enabled }) => enabled);
  return found.length > 0
    ? found
    : fail(EXIT.no, 'No tenant is in service: all are disabled in the settings, or suspended.');
}

/** The run that an id names. */
export function runNamed(id: string): RunTarget {
  const tenant = tenantOfRun(id);
  return tenant === undefined
    ? fail(EXIT.usage, `${id} is no id of a run: a tenant's id, _ and 25 letters and digits.`)
    : { tenant, run: id };
}
