import { isOutriderError } from '../../errors.ts';
import type { Row, TableStore } from '../../storage.ts';
import { unknownFormat } from '../../stored-format.ts';
import { NO_GRANTS, type QuotaState } from './grants.ts';

const KEY = 'q';
const FORMAT = 1;

/** One tenant's quota row as read; `etag` undefined where there is none yet. */
export interface StoredQuota {
  readonly state: QuotaState;
  readonly etag: string | undefined;
}

export async function readQuota(table: TableStore, tenant: string): Promise<StoredQuota> {
  const row = await table.get(tenant, KEY);
  return { state: row ? decode(tenant, row) : NO_GRANTS, etag: row?.etag };
}

/**
 * Writes if nobody else has since.
 *
 * @returns the new ETag, or undefined when another instance was faster
 */
export async function writeQuota(
  table: TableStore,
  tenant: string,
  { state, etag }: StoredQuota,
): Promise<string | undefined> {
  const columns = { v: FORMAT, state: JSON.stringify(state) };
  try {
    return await table.transact(tenant, [
      etag === undefined ? { op: 'insert', key: KEY, columns } : { op: 'replace', key: KEY, columns, etag },
    ]);
  } catch (error) {
    if (isOutriderError(error, 'storage.conflict', 'storage.not_found')) return undefined;
    throw error;
  }
}

function decode(tenant: string, { columns: { v, state } }: Row): QuotaState {
  if (v === FORMAT && typeof state === 'string') return JSON.parse(state) as QuotaState;
  throw unknownFormat(`hunting quota of tenant ${tenant}`, v, FORMAT, tenant);
}
