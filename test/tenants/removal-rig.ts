import { markRemoved } from '../../shared/incidents/remove-tenant.ts';
import { type RunOutcome, runSync } from '../../shared/incidents/run.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import { type RemovalOutcome, runRemoval } from '../../shared/tenants/run-removal.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { any, CLIENT, createRegistryRig, DEFAULTS, guid, type RegistryRig } from './registry-rig.ts';

/** Another tenant, whose data must never be touched. */
export const OTHER = guid(50);
/** How long a removal waits for what may be under way still, in milliseconds. */
export const QUIET = 16 * 60_000;

/** A registered tenant with data of every kind, synced by the real sync, and its removal. */
export interface RemovalRig {
  readonly registry: RegistryRig;
  readonly sync: SyncRig;
  readonly hunts: MemoryStore;
  /** Registers the tenant, or registers it again. */
  register(): ReturnType<RegistryRig['registry']['register']>;
  /** A run of the real sync, by what the registry says of the tenant. */
  runSync(): Promise<RunOutcome>;
  /** Asks for the removal. */
  remove(): ReturnType<RegistryRig['registry']['remove']>;
  record(): ReturnType<RegistryRig['registry']['get']>;
  /** One message of the queue of removals. */
  removal(options?: { readonly budgetMs?: number }): Promise<RemovalOutcome>;
  /** Runs messages until the removal is done, waiting as they say. */
  finish(): Promise<void>;
  /** Everything that is stored of a tenant, less what stays of a removed one. */
  left(tenant?: string): readonly string[];
}

const COLUMNS = { v: 1, x: 'x' };

/** @param incidents that are synced before; with none the tenant was never synced */
export async function createRemovalRig({ incidents = 120 } = {}): Promise<RemovalRig> {
  const sync = createSyncRig();
  const registry = createRegistryRig(sync.clock);
  const hunts = createMemoryStore(sync.clock);
  const stores = [sync.store, hunts];
  const rig: RemovalRig = {
    registry,
    sync,
    hunts,
    register: () =>
      registry.registry.register(
        { id: TENANT_ID, credential: { kind: 'federated', clientId: CLIENT }, state: 'active' },
        registry.by,
      ),
    runSync: () => runSync({ ...sync.dependencies, tenants: registry.directory }, { tenantId: TENANT_ID }),
    remove: () => registry.registry.remove(TENANT_ID, any, registry.by),
    record: () => registry.registry.get(TENANT_ID),
    removal: (more = {}) =>
      runRemoval(
        {
          table: registry.store.table,
          places: [
            { table: sync.store.table, blobs: sync.store.blobs, fenceKey: 's' },
            { table: hunts.table, blobs: hunts.blobs },
          ],
          fence: (tenant) =>
            markRemoved({ table: sync.store.table, clock: sync.clock, defaults: DEFAULTS }, tenant),
          queue: registry.store.queue,
          defaults: DEFAULTS,
          clock: sync.clock,
          learn: registry.directory.learn,
          log: registry.by.log,
          ...more,
        },
        tenantMessage(TENANT_ID),
      ),
    async finish() {
      for (let message = 0; message < 50; message++) {
        const outcome = await rig.removal();
        if (outcome === 'done' || outcome === 'ended') return;
        if (outcome === 'waiting') sync.clock.advance(QUIET);
      }
      throw new Error('the removal does not end');
    },
    left: (tenant = TENANT_ID) =>
      stores.flatMap((store) => [
        ...store
          .rows(tenant)
          .map(({ key }) => key)
          .filter((key) => key !== 's'),
        ...store.blobNames().filter((name) => name.startsWith(`${tenant}/`)),
      ]),
  };
  await rig.register();
  if (incidents > 0) {
    for (let n = 0; n < incidents; n++) sync.source.upsert({ id: `i${n}` });
    while ((await rig.runSync()) !== 'done') sync.clock.advance(60_000);
  }
  for (const tenant of [TENANT_ID, OTHER]) {
    for (const key of ['q|query', 'f|query!1', 'n|1|query!1'])
      await sync.store.table.transact(tenant, [{ op: 'put', key, columns: COLUMNS }]);
    for (const key of ['q', 'i|1', 'r|1', 'r|2'])
      await hunts.table.transact(tenant, [{ op: 'put', key, columns: COLUMNS }]);
    await sync.store.blobs.put(`${tenant}/findings/query/1.json.gz`, new Uint8Array(1));
    await hunts.blobs.put(`${tenant}/hunts/1/rows.a.0000.ndjson.gz`, new Uint8Array(1));
  }
  return rig;
}
