import { mapLimit } from '../concurrency.ts';
import { isOutriderError } from '../errors.ts';
import { type BlobStore, type Row, type TableStore, TRANSACTION_LIMITS } from '../storage.ts';

/** A place where something of tenants is kept: a table whose partitions are tenants, and a container of their folders. */
export interface TenantPlace {
  readonly table: TableStore;
  readonly blobs: BlobStore;
  /** The row that stays: the fence which keeps an overtaken run from writing. */
  readonly fenceKey?: string | undefined;
}

export interface Deleted {
  readonly rows: number;
  readonly blobs: number;
  /** False when it was stopped before all of it was deleted. */
  readonly whole: boolean;
}

const BLOBS_AT_ONCE = 16;
/** Every key of a partition begins with a letter. */
const ALL_KEYS = { from: '!', to: '~' } as const;

/**
 * Deletes what is there of a tenant, rows first. It may be stopped anywhere, go on from there, and go on twice at the
 * same time: what is gone is gone, and what is left is found again.
 *
 * @param mayGoOn asked before each part: whether anything more may be deleted
 */
export async function deleteData(
  places: readonly TenantPlace[],
  tenant: string,
  mayGoOn: () => Promise<boolean>,
): Promise<Deleted> {
  const done = { rows: 0, blobs: 0 };
  for (const { table, blobs, fenceKey } of places) {
    for await (const rows of table.range(tenant, ALL_KEYS.from, ALL_KEYS.to, { select: ['v'] })) {
      for (const part of inParts(rows.filter(({ key }) => key !== fenceKey))) {
        if (!(await mayGoOn())) return { ...done, whole: false };
        done.rows += await dropRows(table, tenant, part);
      }
    }
    for await (const page of blobs.list(`${tenant}/`)) {
      for (const part of inParts(page)) {
        if (!(await mayGoOn())) return { ...done, whole: false };
        const gone = await mapLimit(part, BLOBS_AT_ONCE, ({ name, etag }) => blobs.deleteIf(name, etag));
        done.blobs += gone.filter((deleted) => deleted).length;
      }
    }
  }
  return { ...done, whole: true };
}

function* inParts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += TRANSACTION_LIMITS.operations)
    yield items.slice(start, start + TRANSACTION_LIMITS.operations);
}

async function dropRows(table: TableStore, tenant: string, rows: readonly Row[]): Promise<number> {
  try {
    await table.transact(
      tenant,
      rows.map(({ key }) => ({ op: 'drop', key })),
    );
    return rows.length;
  } catch (error) {
    // Somebody else drops them too, or the answer was lost: one by one tells which are left.
    if (!isOutriderError(error, 'storage.not_found')) throw error;
    if (rows.length === 1) return 0;
    let dropped = 0;
    for (const row of rows) dropped += await dropRows(table, tenant, [row]);
    return dropped;
  }
}
