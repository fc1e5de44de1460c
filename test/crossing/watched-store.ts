import type { BlobStore, QueueSender, TableStore } from '../../shared/storage.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { actorAtHand } from './actor.ts';
import type { Findings } from './findings.ts';
import { foreignIn } from './tenants.ts';

/** The store in memory, with a check of each call: partition, folder and message are of the tenant it is made for. */
export function watchStore(
  store: MemoryStore,
  findings: Findings,
): { readonly table: TableStore; readonly blobs: BlobStore; readonly queue: QueueSender } {
  function check(what: string, tenantId: string | undefined): void {
    findings.counts.storageCalls++;
    const { of, name } = actorAtHand('storage is used');
    if (tenantId !== of.tenant.id) findings.crossing(`${name} ${what} of ${tenantId}`);
  }
  const { table, blobs, queue } = store;
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
    queue: {
      send(text, options) {
        findings.counts.messages++;
        const { of, name } = actorAtHand('a message is sent');
        const isTheirs = text.includes(of.tenant.id) && foreignIn(text, of).length === 0;
        if (!isTheirs) findings.crossing(`${name} sends the message ${text}`);
        return queue.send(text, options);
      },
    },
  };
}
