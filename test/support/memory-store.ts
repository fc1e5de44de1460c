import { OutriderError } from '../../shared/errors.ts';
import {
  type Columns,
  type QueueSender,
  type Row,
  type RowWrite,
  type StreamingBlobStore,
  type TableStore,
  TRANSACTION_LIMITS,
} from '../../shared/storage.ts';

/** Rows and blobs in memory under Azure's own limits, for tests in virtual time. */
export interface MemoryStore {
  readonly table: TableStore;
  readonly blobs: StreamingBlobStore;
  readonly queue: QueueSender;
  /** Messages sent, oldest first. */
  readonly messages: { text: string; delaySeconds: number; liveSeconds: number | undefined }[];
  /** All rows of a partition in key order. */
  rows(partition: string): Row[];
  blobNames(): string[];
  blob(name: string): Uint8Array | undefined;
  /** Calls made, by kind. */
  readonly calls: {
    get: number;
    range: number;
    transact: number;
    blobPut: number;
    blobGet: number;
    /** Blocks and block lists. */
    blobStage: number;
    blobCommit: number;
    send: number;
  };
}

const encoder = new TextEncoder();

export function createMemoryStore({ now }: { readonly now: () => number }): MemoryStore {
  const partitions = new Map<string, Map<string, { etag: string; columns: Columns }>>();
  const blobs = new Map<string, { content: Uint8Array; etag: string; modifiedMs: number }>();
  const messages: MemoryStore['messages'] = [];
  const calls = {
    get: 0,
    range: 0,
    transact: 0,
    blobPut: 0,
    blobGet: 0,
    blobStage: 0,
    blobCommit: 0,
    send: 0,
  };
  let nextEtag = 1;

  const partitionOf = (name: string) => {
    const found = partitions.get(name) ?? new Map<string, { etag: string; columns: Columns }>();
    partitions.set(name, found);
    return found;
  };
  const sorted = new Map<string, Row[]>();
  const sortedRows = (name: string): Row[] => {
    const known = sorted.get(name);
    if (known) return known;
    const rows = [...partitionOf(name)].map(([key, row]) => ({ key, ...row }));
    sorted.set(
      name,
      rows.sort((a, b) => (a.key < b.key ? -1 : 1)),
    );
    return rows;
  };

  return {
    messages,
    calls,
    rows: (partition) => [...sortedRows(partition)],
    blobNames: () => [...blobs.keys()].sort(),
    blob: (name) => blobs.get(name)?.content,
    table: {
      async get(partition, key) {
        calls.get++;
        const row = partitionOf(partition).get(key);
        return row && { key, ...row };
      },
      async *range(partition, from, to, { pageSize = 1_000, select } = {}) {
        // As in Azure each page is read when it is asked for.
        let start = from;
        for (;;) {
          calls.range++;
          const rows = sortedRows(partition);
          const found = rows.slice(placeOf(rows, start), placeOf(rows, to));
          const page = found.slice(0, pageSize);
          if (page.length > 0)
            yield page.map((row) => (select ? { ...row, columns: pick(row.columns, select) } : row));
          const last = page.at(-1);
          if (found.length <= pageSize || !last) return;
          start = `${last.key}\u0000`;
        }
      },
      async transact(partition, writes) {
        calls.transact++;
        checkLimits(partition, writes);
        const rows = partitionOf(partition);
        for (const write of writes) checkPrecondition(rows, write);
        sorted.delete(partition);
        for (const write of writes) {
          if (write.op === 'drop') rows.delete(write.key);
          else rows.set(write.key, { etag: `W/"${nextEtag++}"`, columns: { ...write.columns } });
        }
        return rows.get(writes[0]?.key ?? '')?.etag ?? '';
      },
    },
    blobs: {
      async put(name, content) {
        calls.blobPut++;
        if (name.length > 1024) throw new OutriderError('storage.unavailable', 'blob name too long');
        blobs.set(name, { content, etag: `"${nextEtag++}"`, modifiedMs: now() });
      },
      create(name) {
        const staged = new Map<string, Uint8Array>();
        return {
          async stage(block) {
            calls.blobStage++;
            const id = `block-${nextEtag++}`;
            staged.set(id, block);
            return id;
          },
          async commit(ids) {
            calls.blobCommit++;
            if (ids.length > 50_000) throw new Error('Azure would refuse so many blocks');
            const content = Buffer.concat(
              ids.map((id) => {
                const block = staged.get(id);
                if (!block) throw new Error(`Azure would refuse the unknown block ${id}`);
                return block;
              }),
            );
            blobs.set(name, { content, etag: `"${nextEtag++}"`, modifiedMs: now() });
          },
        };
      },
      async *read(name, { from = 0, to } = {}) {
        if (to !== undefined && to <= from) return;
        calls.blobGet++;
        const found = blobs.get(name);
        if (!found) throw new OutriderError('storage.not_found', `blob ${name} is not in storage.`);
        const bytes = found.content.subarray(from, to);
        // In pieces, as a network gives them.
        for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
      },
      async get(name) {
        calls.blobGet++;
        return blobs.get(name)?.content;
      },
      async *list(prefix) {
        const found = [...blobs]
          .filter(([name]) => name.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        yield found.map(([name, { etag, modifiedMs }]) => ({ name, etag, modifiedMs }));
      },
      async deleteIf(name, etag) {
        if (blobs.get(name)?.etag !== etag) return false;
        return blobs.delete(name);
      },
    },
    queue: {
      async send(text, { delaySeconds = 0, liveSeconds } = {}) {
        calls.send++;
        messages.push({ text, delaySeconds, liveSeconds });
      },
    },
  };
}

/** Where in rows of rising keys the first stands that is not below `key`. */
function placeOf(rows: readonly Row[], key: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pick(columns: Columns, names: readonly string[]): Columns {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)));
}

function checkPrecondition(rows: ReadonlyMap<string, { readonly etag: string }>, write: RowWrite): void {
  const row = rows.get(write.key);
  const fail = (code: 'storage.conflict' | 'storage.not_found') => {
    throw new OutriderError(code, `${write.op} ${write.key}`);
  };
  if (write.op === 'insert' && row) fail('storage.conflict');
  if (write.op === 'replace' && !row) fail('storage.not_found');
  if (write.op === 'replace' && row?.etag !== write.etag) fail('storage.conflict');
  if (write.op === 'drop' && !row) fail('storage.not_found');
}

/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions and the table limits. */
function checkLimits(partition: string, writes: readonly RowWrite[]): void {
  const refuse = (why: string) => {
    throw new Error(`Azure would refuse this transaction: ${why}`);
  };
  if (writes.length === 0 || writes.length > TRANSACTION_LIMITS.operations)
    refuse(`${writes.length} operations`);
  const keys = new Set(writes.map(({ key }) => key));
  if (keys.size < writes.length) refuse('a row twice');
  let bytes = 0;
  for (const write of writes) {
    for (const key of [partition, write.key]) {
      if (/[/\\#?\p{Cc}]/u.test(key) || key.length > 512) refuse(`key ${JSON.stringify(key)}`);
    }
    if (write.op === 'drop') continue;
    for (const [name, value] of Object.entries(write.columns)) {
      const size = typeof value === 'string' ? value.length * 2 : 8;
      if (size > TRANSACTION_LIMITS.propertyBytes) refuse(`property ${name} of ${size} bytes`);
      bytes += encoder.encode(String(value)).length + name.length * 2 + 30;
    }
    bytes += 500;
  }
  if (bytes > TRANSACTION_LIMITS.bytes) refuse(`${bytes} bytes`);
}
