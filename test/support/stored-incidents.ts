import { gzipSync } from 'node:zlib';
import { blobName } from '../../shared/incidents/keys.ts';
import { currentWrites, historyWrite, type IncidentRecord } from '../../shared/incidents/records.ts';
import type { RowWrite, TableStore } from '../../shared/storage.ts';
import { addTicks } from '../../shared/time.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { TENANT_ID } from './tenant-with.ts';

export const EPOCH = '2026-01-22T12:09:23.1433333Z';

/** A record with plain values; `at` counts ticks of 100 ns after {@link EPOCH}. */
export function recordWith({
  at = 0,
  ...fields
}: Partial<IncidentRecord> & { readonly at?: number } = {}): IncidentRecord {
  const lastUpdate = addTicks(EPOCH, at);
  return {
    id: '1',
    version: 'v1',
    rule: 1,
    family: 'graph',
    lastUpdate,
    created: EPOCH,
    observedAt: '2026-01-22T12:10:00.0000000Z',
    sequence: 1,
    status: 'active',
    severity: 'medium',
    title: 'Suspicious sign-in',
    alerts: 1,
    ...fields,
  };
}

/** A store in memory that holds these incidents, newest version last, and counts the rows that readers are given. */
export interface StoredIncidents extends MemoryStore {
  /** Rows given out and ranges read since the last call of `reset`. */
  readonly read: { rows: number; pages: number };
  reset(): void;
  put(record: IncidentRecord, text?: string): Promise<void>;
}

export async function storeWith(records: readonly IncidentRecord[]): Promise<StoredIncidents> {
  const store = createMemoryStore({ now: () => 0 });
  const read = { rows: 0, pages: 0 };
  const table: TableStore = {
    ...store.table,
    async *range(...query) {
      for await (const rows of store.table.range(...query)) {
        read.rows += rows.length;
        read.pages++;
        yield rows;
      }
    },
  };
  const writes = records.flatMap((record) => currentWrites(record, undefined));
  for (let from = 0; from < writes.length; from += 99) {
    await store.table.transact(TENANT_ID, writes.slice(from, from + 99));
  }
  return {
    ...store,
    table,
    read,
    reset: () => Object.assign(read, { rows: 0, pages: 0 }),
    async put(record, text = '{}') {
      const current = await store.table.get(TENANT_ID, `c|${record.id}`);
      const before = current && {
        record: current.columns as unknown as IncidentRecord,
        etag: current.etag,
      };
      const changes: readonly RowWrite[] = [...currentWrites(record, before), historyWrite(record, false)];
      await store.table.transact(TENANT_ID, changes);
      await store.blobs.put(blobName(TENANT_ID, record.id, record.version), gzipSync(text));
    },
  };
}
