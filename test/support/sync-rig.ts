import { gunzipSync } from 'node:zlib';
import { blobName } from '../../shared/incidents/keys.ts';
import type { IncidentRecord } from '../../shared/incidents/records.ts';
import { type RunOutcome, runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import type { Log } from '../../shared/log.ts';
import type { SyncSettings, Tenant } from '../../shared/tenant.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { createModelSource, type ModelSource } from './model-source.ts';
import { tenantWith } from './tenant-with.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** The real sync over a model of the live list and a store in memory, in virtual time. */
export interface SyncRig {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly source: ModelSource;
  readonly store: MemoryStore;
  readonly tenant: Tenant;
  readonly events: { level: string; event: string; fields: object | undefined }[];
  readonly dependencies: SyncDependencies;
  run(): Promise<RunOutcome>;
  /** Runs until nothing is left to do; minutes pass in between. */
  settle(): Promise<void>;
  state(): SyncState;
  record(id: string): IncidentRecord | undefined;
  /** The stored current text of an incident. */
  text(id: string): string | undefined;
  feed(): IncidentRecord[];
  history(id: string): IncidentRecord[];
}

export function createSyncRig(
  options: {
    readonly sync?: Partial<SyncSettings>;
    readonly maxTop?: number;
    readonly budgetMs?: number;
  } = {},
): SyncRig {
  const clock = createVirtualClock();
  const source = createModelSource({ now: clock.now, maxTop: options.maxTop ?? 50 });
  const store = createMemoryStore({ now: clock.now });
  const tenant = tenantWith(options.sync);
  const events: SyncRig['events'] = [];
  const note = (level: string) => (event: string, fields?: object) =>
    void events.push({ level, event, fields });
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error') };
  let runs = 0;
  const dependencies: SyncDependencies = {
    tenants: createConfiguredTenants([tenant]),
    sourceFor: () => source,
    table: store.table,
    blobs: store.blobs,
    queue: store.queue,
    clock,
    log,
    newRunId: () => `run-${++runs}`,
    ...(options.budgetMs === undefined ? {} : { budgetMs: options.budgetMs }),
  };
  const rowsOf = (prefix: string) => store.rows(tenant.id).filter(({ key }) => key.startsWith(prefix));
  const records = (prefix: string) =>
    rowsOf(prefix).map(({ columns }) => columns as unknown as IncidentRecord);
  const rig: SyncRig = {
    clock,
    source,
    store,
    tenant,
    events,
    dependencies,
    run: () => runSync(dependencies, { tenantId: tenant.id }),
    async settle() {
      for (let round = 0; round < 500; round++) {
        const outcome = await rig.run();
        clock.advance(60_000);
        if (outcome === 'done') return;
      }
      throw new Error('the sync does not settle');
    },
    state: () => JSON.parse(String(rowsOf('s')[0]?.columns.state)) as SyncState,
    record: (id) => records('c|').find((record) => record.id === id),
    text(id) {
      const record = rig.record(id);
      const content = record && store.blob(blobName(tenant.id, id, record.version));
      return content && gunzipSync(content).toString();
    },
    feed: () => records('x|'),
    history: (id) => records('h|').filter((record) => record.id === id),
  };
  return rig;
}
