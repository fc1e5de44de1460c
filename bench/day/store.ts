import type { RowWrite, StreamingBlobStore, TableStore } from '../../shared/storage.ts';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import type { Operations } from './operations.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Milliseconds that an operation takes. */
const TAKES = { get: 5, query: 10, transaction: 15, blob: 15 } as const;

/** Rows and blobs in memory, under Azure's limits, that take their time and count what is asked of them. */
export function createTimedStore(
  time: VirtualTime,
  operations: Operations,
  onWritten: (partition: string, writes: readonly RowWrite[]) => void,
): { readonly table: TableStore; readonly blobs: StreamingBlobStore } {
  const { table, blobs, calls } = createMemoryStore({ now: time.now });
  let counted = 0;

  async function* pages<Page>(list: AsyncIterable<Page>): AsyncGenerator<Page> {
    for await (const page of list) {
      await time.wait(TAKES.query);
      yield page;
    }
    // A query without a row was a request all the same: only the store knows how many there were.
    operations.table.query += calls.range - counted;
    counted = calls.range;
  }

  async function written(): Promise<void> {
    operations.blob.write++;
    await time.wait(TAKES.blob);
  }

  return {
    table: {
      async get(partition, key) {
        operations.table.get++;
        await time.wait(TAKES.get);
        return table.get(partition, key);
      },
      range: (partition, from, to, options) => pages(table.range(partition, from, to, options)),
      async transact(partition, writes) {
        operations.table.transaction++;
        operations.table.rowsWritten += writes.length;
        await time.wait(TAKES.transaction);
        const etag = await table.transact(partition, writes);
        onWritten(partition, writes);
        return etag;
      },
    },
    blobs: {
      async put(name, content, metadata) {
        await written();
        // A copy: the compressor gives a small part of a large buffer, which a million blobs would keep alive.
        return blobs.put(name, new Uint8Array(content), metadata);
      },
      async get(name) {
        operations.blob.read++;
        await time.wait(TAKES.blob);
        return blobs.get(name);
      },
      create(name) {
        const writer = blobs.create(name);
        return {
          async stage(block) {
            await written();
            return writer.stage(new Uint8Array(block));
          },
          async commit(ids, metadata) {
            await written();
            return writer.commit(ids, metadata);
          },
        };
      },
      async *read(name, range) {
        operations.blob.read++;
        await time.wait(TAKES.blob);
        yield* blobs.read(name, range);
      },
      list(prefix) {
        operations.blob.list++;
        return pages(blobs.list(prefix));
      },
      async deleteIf(name, etag) {
        operations.blob.delete++;
        await time.wait(TAKES.blob);
        return blobs.deleteIf(name, etag);
      },
    },
  };
}
