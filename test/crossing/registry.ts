import type { TenantDirectory } from '../../shared/tenant.ts';
import { createTenantDirectory } from '../../shared/tenants/directory.ts';
import { PARTITION, recordKey } from '../../shared/tenants/keys.ts';
import { recordColumns, type TenantRecord } from '../../shared/tenants/record.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { SYNC_SETTINGS } from '../support/tenant-with.ts';
import type { SteadyClock } from './steady-clock.ts';
import type { CrossingTenant } from './tenants.ts';

/** The tenants as Outrider knows them: every third from the settings, the others from the registry in storage. */
export async function createCrossingRegistry(
  tenants: readonly CrossingTenant[],
  clock: SteadyClock,
): Promise<TenantDirectory> {
  const { table } = createMemoryStore(clock);
  const registered = tenants.filter(({ number }) => number % 3 !== 0);
  for (const of of registered) {
    const columns = recordColumns(recordOf(of, clock.now()), 'test/crossing');
    await table.transact(PARTITION, [{ op: 'insert', key: recordKey(of.tenant.id), columns }]);
  }
  return createTenantDirectory({
    configured: tenants.filter(({ number }) => number % 3 === 0).map(({ tenant }) => tenant),
    table: () => table,
    defaults: SYNC_SETTINGS,
    context: {
      cloud: 'global',
      vaultUrl: 'https://crossing.vault.azure.net',
      federationIdentityClientId: undefined,
    },
    clock,
  });
}

function recordOf(
  { tenant: { id, name, cloud, api, huntingApi, credential } }: CrossingTenant,
  now: number,
): TenantRecord {
  return {
    id,
    name,
    cloud,
    api,
    huntingApi: huntingApi ?? api,
    credential,
    sync: {},
    groups: [],
    tags: {},
    state: 'active',
    generation: 1,
    revision: 1,
    createdMs: now,
    createdBy: { kind: 'outrider' },
    changedMs: now,
    changedBy: { kind: 'outrider' },
  };
}
