import type { Cloud } from '../cloud.ts';
import type { SessionTenant } from './events.ts';
import type { TenantHunts } from './hunt-log.ts';
import type { TenantSync } from './sync-watch.ts';

/** A tenant's row as programs get it. `null` without an app: nobody knows. */
export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly incidents: number | null;
  readonly versions: number | null;
  readonly apiCalls: number;
  readonly storageOps: number;
  /** Scheduled hunts that have ended since the lab was started, what they found that was new, and saw again. */
  readonly hunts: number | null;
  readonly newFindings: number | null;
  readonly seenAgain: number | null;
}

/** What `outrider lab status --json` prints. */
export interface LabStatus {
  /** The API answers and every tenant's first load has ended; without an app: the cloud is up. */
  readonly ready: boolean;
  readonly api: string | null;
  readonly tenants: readonly TenantRow[];
}

/** What the stand-ins have counted, and what the app says it has. */
export function rowsOf(
  cloud: Pick<Cloud, 'callsFor'>,
  tenants: readonly SessionTenant[],
  syncs: readonly TenantSync[],
  hunts: readonly TenantHunts[],
): readonly TenantRow[] {
  return tenants.map(({ id, name }) => {
    const answer = syncs.find(({ tenant }) => tenant.id === id)?.answer;
    const hunted = answer && hunts.find(({ tenant }) => tenant.id === id);
    return {
      id,
      name,
      incidents: answer?.incidents ?? null,
      versions: answer?.versions ?? null,
      ...cloud.callsFor(id),
      hunts: hunted?.runs ?? null,
      newFindings: hunted?.found ?? null,
      seenAgain: hunted?.seenAgain ?? null,
    };
  });
}
