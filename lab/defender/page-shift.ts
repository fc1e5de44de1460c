import type { LiveTenant } from './defender.ts';
import type { DefenderSettings, ListRead } from './settings.ts';

/** Lets the list change before a page is read, as `beforeListRead` and `pageShift` say. */
export async function shiftPage(
  tenant: LiveTenant,
  settings: DefenderSettings,
  read: Omit<ListRead, 'tenantId'>,
): Promise<void> {
  await settings.beforeListRead?.({ ...read, tenantId: tenant.id });
  if (read.skip === 0 || settings.pageShift === 'none') return;
  if (settings.pageShift === 'arrive') {
    tenant.generator.arrive();
    return;
  }
  const orderBy = settings.orderBy === 'createdDateTime' ? 'created' : 'updated';
  const list = tenant.published.incidents(read.family);
  const place = settings.pageShift === 'remove' ? 0 : read.skip;
  const [served] = list.page({ orderBy }, place, 1).items;
  if (!served) return;
  if (settings.pageShift === 'remove') tenant.remove(served.id);
  else if (served.kind === 'generated') tenant.updateIncident(served.id, { lastModifiedBy: 'API-App:lab' });
}
