import type { SyncSettings, Tenant } from '../../shared/tenant.ts';

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';

/** As they are where settings say nothing. */
export const SYNC_SETTINGS: SyncSettings = {
  intervalMinutes: 5,
  backfillDays: 30,
  overlapMinutes: 10,
  historyDays: 90,
  resolvedDays: 365,
  legalHold: false,
};

export function tenantWith(sync: Partial<SyncSettings> = {}, id = TENANT_ID): Tenant {
  return {
    id,
    name: 'Contoso',
    enabled: true,
    cloud: 'global',
    api: 'graph',
    credential: { kind: 'managedIdentity' },
    sync: { ...SYNC_SETTINGS, ...sync },
  };
}
