import type { Columns, Row, RowWrite, TableStore } from '../storage.ts';
import { auditKey, auditKeys, PARTITION } from './keys.ts';
import { type Actor, FORMAT } from './record.ts';
import type { TenantState } from './states.ts';

/** What was done to a tenant's record. */
export type AuditAction =
  | 'registered'
  | 'changed'
  | 'invited'
  | 'consented'
  | 'activated'
  | 'suspended'
  | 'resumed'
  | 'offboarded'
  | 'removed';

/** One field before and after. */
export interface FieldChange {
  readonly field: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** One line of a tenant's audit. It is written in the transaction of what it tells, and never deleted. */
export interface AuditEntry {
  /** The record's revision that this change made. */
  readonly revision: number;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly by: Actor;
  readonly action: AuditAction;
  /** The state after it. */
  readonly state: TenantState;
  readonly changes: readonly FieldChange[];
}

/** A row holds 32 Ki characters; a change of all tags and groups at once is told by their names alone. */
const MOST_CHARS = 24_000;

export function auditWrite(tenant: string, entry: AuditEntry): RowWrite {
  const text = JSON.stringify(entry);
  const fits = text.length <= MOST_CHARS;
  const short = fits
    ? text
    : JSON.stringify({ ...entry, changes: entry.changes.map(({ field }) => ({ field })) });
  const columns: Columns = { v: FORMAT, entry: short };
  return { op: 'insert', key: auditKey(tenant, entry.revision), columns };
}

/**
 * A page of a tenant's audit, newest first.
 *
 * @param before only what is older than this revision
 * @param top at most so many
 */
export async function readAudit(
  table: TableStore,
  {
    tenant,
    before,
    top,
  }: { readonly tenant: string; readonly before?: number | undefined; readonly top: number },
): Promise<{ readonly entries: readonly AuditEntry[]; readonly more: boolean }> {
  const { from, to } = auditKeys(tenant, before);
  const entries: AuditEntry[] = [];
  for await (const rows of table.range(PARTITION, from, to, { pageSize: top + 1 })) {
    entries.push(...rows.map(entryOf));
    if (entries.length > top) break;
  }
  return { entries: entries.slice(0, top), more: entries.length > top };
}

/** Fields that a later version wrote are told as they are. */
function entryOf({ columns }: Row): AuditEntry {
  return JSON.parse(String(columns.entry)) as AuditEntry;
}
