import type { Cloud } from '../cloud.ts';
import type { HuntControl } from '../hunting/control.ts';
import { applyHuntFiles, type HuntFiles } from '../hunting/load-results.ts';
import type { OnEvent, SessionTenant } from './events.ts';
import type { IncidentFiles } from './files.ts';
import { seedHistory, seedProspect } from './stream.ts';

/**
 * Gives every tenant its incidents: a generated past, those of files in its API's shape, or both. The directory that is
 * no customer yet always has a generated past: files are the customers'.
 */
export function fill(
  cloud: Cloud,
  tenants: readonly SessionTenant[],
  options: {
    readonly history: boolean;
    readonly files?: IncidentFiles;
    readonly onEvent: OnEvent;
  },
): void {
  const { history, files, onEvent } = options;
  const generated = history ? seedHistory(cloud.defender, tenants) : [];
  seedProspect(cloud.defender, cloud.world.prospect.id);
  const served = new Map(tenants.map(({ id }, place) => [id, generated[place] ?? 0]));
  const withFiles = new Set<string>();
  for (const { family, text } of files?.incidents ?? []) {
    const tenant = tenants.find(({ api }) => api === family);
    if (tenant === undefined) continue;
    cloud.defender.tenant(tenant.id).loadRaw({ family, text });
    served.set(tenant.id, (served.get(tenant.id) ?? 0) + 1);
    withFiles.add(tenant.id);
  }
  for (const tenant of tenants) {
    const incidents = served.get(tenant.id) ?? 0;
    const from = !withFiles.has(tenant.id) ? 'generated' : history ? 'both' : 'files';
    onEvent({ kind: 'served', at: Date.now(), tenant, incidents, from });
  }
}

/** Gives hunts their rows from files. */
export async function fillHunts(
  control: HuntControl,
  tenants: readonly SessionTenant[],
  files: HuntFiles,
  onEvent: OnEvent,
): Promise<void> {
  const faults = await applyHuntFiles(control, files, tenants);
  const queries = files.results.length - faults.length;
  onEvent({ kind: 'hunts', at: Date.now(), queries, faults });
}
