import type { SyncSettings, Tenant } from '../tenant.ts';
import type { TenantRecord } from './record.ts';

/** The tenant that a record describes, as the rest of Outrider knows it. Only an active one is enabled. */
export function tenantOf(record: TenantRecord, defaults: SyncSettings): Tenant {
  const { id, name, cloud, api, huntingApi, credential, groups, generation, state } = record;
  return {
    id,
    name,
    enabled: state === 'active',
    cloud,
    api,
    huntingApi,
    credential,
    groups,
    generation,
    sync: syncOf(record, defaults),
  };
}

/** What holds for a tenant: the deployment's settings, and what its record says otherwise. A hold of either holds. */
export function syncOf({ sync }: Pick<TenantRecord, 'sync'>, defaults: SyncSettings): SyncSettings {
  return { ...defaults, ...sync, legalHold: defaults.legalHold || sync.legalHold === true };
}
