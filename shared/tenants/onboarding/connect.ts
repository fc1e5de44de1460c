import { isOutriderError } from '../../errors.ts';
import type { By, TenantRegistry } from '../registry.ts';
import type { Invitation } from './invitation.ts';

const any = (): 'any' => 'any';

/**
 * Registers the tenant of an invitation as far as it has come: invited, consented, and active where nothing is missing.
 * What is there already is left: so a run that died is gone on with, and two at once do it once.
 *
 * @throws OutriderError `tenant.state_refused` where somebody suspended or removed it meanwhile, `storage.*`
 */
export async function connectTenant(
  registry: TenantRegistry,
  { facts }: Pick<Invitation, 'facts'>,
  { tenantId, isComplete, by }: { readonly tenantId: string; readonly isComplete: boolean; readonly by: By },
): Promise<void> {
  const known = await registry.get(tenantId);
  if (known?.state === 'active') return;
  if (known === undefined) {
    try {
      await registry.register({ id: tenantId, ...facts, state: 'invited' }, by);
    } catch (error) {
      if (!isOutriderError(error, 'tenant.exists')) throw error;
    }
  }
  try {
    await registry.change(tenantId, any, { ...facts, state: 'consented' }, by);
  } catch (error) {
    // Another window of the same browser is already further.
    if (!isOutriderError(error, 'tenant.state_refused')) throw error;
    if ((await registry.get(tenantId))?.state !== 'active') throw error;
    return;
  }
  if (isComplete) await registry.change(tenantId, any, { state: 'active' }, by);
}
