import { randomUUID } from 'node:crypto';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { Row, RowWrite, TableStore } from '../storage.ts';
import { isGuid } from '../text.ts';
import { type AuditEntry, auditWrite } from './audit.ts';
import { PARTITION, RECORD_KEYS, recordKey, tenantOfKey } from './keys.ts';
import { decodeRecord, recordColumns, type TenantRecord } from './record.ts';

/** A record as read, with the ETag of its row. */
export interface StoredTenant {
  readonly record: TenantRecord;
  readonly etag: string;
}

/** Every row of the registry: what is whole, and what cannot be used and why. */
export interface StoredTenants {
  readonly tenants: readonly StoredTenant[];
  readonly unreadable: readonly OutriderError[];
}

/** @throws OutriderError `storage.unreadable` for a record that cannot be used, `storage.*` */
export async function readTenant(table: TableStore, id: string): Promise<StoredTenant | undefined> {
  const row = await table.get(PARTITION, recordKey(id));
  return row && { record: decodeRecord(id, row), etag: row.etag };
}

/** @throws OutriderError `storage.*` when the table cannot be read; never for what stands in a row */
export async function readTenants(table: TableStore): Promise<StoredTenants> {
  const tenants: StoredTenant[] = [];
  const unreadable: OutriderError[] = [];
  for await (const rows of table.range(PARTITION, RECORD_KEYS.from, RECORD_KEYS.to)) {
    for (const row of rows) {
      try {
        tenants.push(storedOf(row));
      } catch (error) {
        if (!isOutriderError(error, 'storage.unreadable')) throw error;
        unreadable.push(error);
      }
    }
  }
  return { tenants, unreadable };
}

function storedOf(row: Row): StoredTenant {
  const id = tenantOfKey(row.key);
  if (isGuid(id)) return { record: decodeRecord(id, row), etag: row.etag };
  throw new OutriderError(
    'storage.unreadable',
    `The row ${row.key} of the table OutriderTenants names no tenant. Delete it.`,
  );
}

/**
 * Writes a record with its audit entry: both or none, and only if nobody wrote the record since it was read.
 *
 * @param etag of the row as read; undefined for a tenant that has none
 * @returns the new ETag
 * @throws OutriderError `storage.conflict` when somebody else was faster, `storage.*`
 */
export async function writeTenant(
  table: TableStore,
  record: TenantRecord,
  entry: AuditEntry | undefined,
  etag: string | undefined,
): Promise<string> {
  const writer = randomUUID();
  const key = recordKey(record.id);
  const columns = recordColumns(record, writer);
  const write: RowWrite = etag ? { op: 'replace', key, columns, etag } : { op: 'insert', key, columns };
  try {
    return await table.transact(PARTITION, entry ? [write, auditWrite(record.id, entry)] : [write]);
  } catch (error) {
    // The answer may have been lost after the write took effect, or a retry of the SDK met its own first try.
    if (!isOutriderError(error, 'storage.conflict', 'storage.unavailable', 'storage.not_found')) throw error;
    const now = await table.get(PARTITION, key);
    if (now?.columns.writer === writer) return now.etag;
    throw now?.etag === etag ? error : conflict(record.id, error);
  }
}

function conflict(tenant: string, cause: unknown): OutriderError {
  return new OutriderError(
    'storage.conflict',
    `Somebody else changed the record of tenant ${tenant} meanwhile.`,
    {
      cause,
      tenant,
    },
  );
}
