import type { BlobStore, TableStore } from '../../shared/storage.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import type { Findings } from './findings.ts';
import { actingFor } from './tenants.ts';

/** The store in memory, with a check of each call: partition and folder are those of the tenant it is made for. */
export function watchStore(
  store: MemoryStore,
  findings: Findings,
): { readonly table: TableStore; readonly blobs: BlobStore } {
  function check(what: string, tenantId: string | undefined): void {
    findings.counts.storageCalls++;
    const caller = actingFor.getStore();
    if (!caller) throw new Error('storage is used in nobody’s name');
    if (tenantId !== caller.tenant.id) findings.crossing(`${caller.mark} ${what} of ${tenantId}`);
  }
  const { table, blobs } = store;
  return {
    table: {
      get(partition, key) {
        check('reads a row', partition);
        return table.get(partition, key);
      },
      range(partition, from, to, options) {
        check('reads rows', partition);
        return table.range(partition, from, to, options);
      },
      transact(partition, writes) {
        check('writes rows', partition);
        return table.transact(partition, writes);
      },
    },
    blobs: {
      put(name, content, metadata) {
        check('writes a blob', name.split('/')[0]);
        return blobs.put(name, content, metadata);
      },
      get(name) {
        check('reads a blob', name.split('/')[0]);
        return blobs.get(name);
      },
      list(prefix) {
        check('lists blobs', prefix.split('/')[0]);
        return blobs.list(prefix);
      },
      deleteIf(name, etag) {
        check('deletes a blob', name.split('/')[0]);
        return blobs.deleteIf(name, etag);
      },
    },
  };
}
