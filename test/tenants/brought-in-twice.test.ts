import { describe, expect, it } from 'vitest';
import { createTenants } from '../../shared/app-tenants.ts';
import type { Caller } from '../../shared/caller.ts';
import { readConfig } from '../../shared/config.ts';
import { createAccess } from '../../shared/http/authorize.ts';
import { any, BOSS, CLIENT, createRegistryRig, guid } from './registry-rig.ts';

const HOME = guid(700);
/** A caller who is given the tenants of one group alone. */
const LIMITED: Caller = {
  kind: 'app',
  tenantId: HOME,
  objectId: BOSS.objectId,
  roles: ['Tenants.Manage', 'Tenants.Group.emea'],
  scopes: [],
};

function tenantsOf(kept: readonly string[] = []) {
  const rig = createRegistryRig();
  const { store, clock } = rig;
  const config = readConfig({
    OUTRIDER_TENANT_ID: guid(900),
    OUTRIDER_CLIENT_ID: CLIENT,
    OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: guid(998),
    AzureWebJobsStorage__accountName: 'account',
  });
  const tenants = createTenants({
    config,
    clock,
    table: () => store.table,
    queue: () => store.queue,
    places: () => [],
    fence: async () => {},
    access: createAccess({ homeTenantId: HOME, tenantGroups: undefined }),
    hasData: async (id) => kept.includes(id),
    onActivated: async () => {},
  });
  return { rig, tenants };
}

describe('a tenant that a caller of one group brings in', () => {
  it('may be of that group already: what is to be said of that is said by who registers or invites', async () => {
    const { rig, tenants } = tenantsOf([guid(1)]);
    for (const [n, state] of [
      [1, 'active'],
      [2, 'invited'],
    ] as const) {
      await rig.register(n, { groups: ['emea'], state });
      await expect(tenants.requireNoPast(LIMITED, guid(n))).resolves.toBeUndefined();
    }
  });

  it('may be new, and not one of others, nor one that was removed, nor one of which something is stored', async () => {
    const { rig, tenants } = tenantsOf([guid(4)]);
    await expect(tenants.requireNoPast(LIMITED, guid(1))).resolves.toBeUndefined();
    await rig.register(2, { groups: ['apac'], state: 'invited' });
    await rig.register(3, { groups: ['emea'] });
    await rig.registry.remove(guid(3), any, rig.by);
    for (const n of [2, 3, 4])
      await expect(tenants.requireNoPast(LIMITED, guid(n))).rejects.toMatchObject({
        code: 'request.forbidden',
      });
    await expect(
      tenants.requireNoPast({ ...LIMITED, roles: ['Tenants.Manage'] }, guid(2)),
    ).resolves.toBeUndefined();
  });
});
