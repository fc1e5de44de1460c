import type { Tenant } from '../shared/tenant.ts';

/** A tenant of a bench. */
export const benchTenant = (id: string, credential: Tenant['credential'], legalHold = false): Tenant => ({
  id,
  name: 'bench',
  enabled: true,
  cloud: 'global',
  api: 'graph',
  credential,
  sync: {
    intervalMinutes: 5,
    backfillDays: 30,
    overlapMinutes: 10,
    historyDays: 90,
    resolvedDays: 365,
    legalHold,
  },
});
