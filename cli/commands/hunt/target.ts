import type { Outrider } from '../../../shared/app.ts';
import type { RunTarget } from '../../../shared/hunting/ask/wait-for-runs.ts';
import { tenantOfRun } from '../../../shared/hunting/run/names.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { EXIT, fail } from '../../output/failure.ts';

/** The tenants to hunt in: the one that is named, all, or the only one. */
export function huntIn(
  { config }: Pick<Outrider, 'config'>,
  { tenant, all = false }: { readonly tenant?: string; readonly all?: boolean },
): readonly Tenant[] {
  const { tenants } = config;
  if (tenants.length === 0) {
    const faults = config.faults.map(({ text }) => text).join(' ');
    return fail(
      EXIT.usage,
      `No tenant is configured: set OUTRIDER_TENANT_ID or OUTRIDER_TENANTS. ${faults} In the lab: outrider lab exec -- outrider hunt run …`,
    );
  }
  if (tenant !== undefined && all) return fail(EXIT.usage, 'Either --tenant or --all, not both.');
  if (all) return tenants;
  const known = tenants.map(({ name }) => name).join(', ');
  if (tenant === undefined) {
    return tenants.length === 1
      ? tenants
      : fail(EXIT.usage, `Say where: --tenant, one of ${known}; or --all.`);
  }
  const found = tenants.filter(({ id, name }) => [id, name.toLowerCase()].includes(tenant.toLowerCase()));
  return found.length > 0 ? found : fail(EXIT.usage, `There is no tenant ${tenant}. Known: ${known}.`);
}

/** The run that an id names. */
export function runNamed(id: string): RunTarget {
  const tenant = tenantOfRun(id);
  return tenant === undefined
    ? fail(EXIT.usage, `${id} is no id of a run: a tenant's id, _ and 25 letters and digits.`)
    : { tenant, run: id };
}
