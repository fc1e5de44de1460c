import { isOutriderError } from '../../errors.ts';
import type { RunStorage } from './dependencies.ts';
import { RUN_KEYS, runFolder, runKey, runKeyAt } from './names.ts';
import { decodeRecord, isFinal } from './record.ts';

/**
 * Deletes a tenant's runs that ended, and were asked for at `untilMs` or before: their blobs first, so that nothing is
 * left behind without a row, then their rows.
 *
 * @returns how many were deleted
 */
export async function pruneRuns(
  { table, blobs }: RunStorage,
  { tenant, untilMs }: { readonly tenant: string; readonly untilMs: number },
): Promise<number> {
  let deleted = 0;
  for await (const rows of table.range(tenant, runKeyAt(untilMs), RUN_KEYS.to, { pageSize: 100 })) {
    for (const row of rows) {
      const { id, state, keyRow } = decodeRecord(row);
      if (!isFinal(state)) continue;
      for await (const found of blobs.list(runFolder(id))) {
        for (const { name, etag } of found) await blobs.deleteIf(name, etag);
      }
      if (keyRow !== undefined) await dropRow(table, tenant, keyRow);
      await dropRow(table, tenant, runKey(id));
      deleted += 1;
    }
  }
  return deleted;
}

/** Somebody else may prune at the same time. */
async function dropRow(table: RunStorage['table'], tenant: string, key: string): Promise<void> {
  try {
    await table.transact(tenant, [{ op: 'drop', key }]);
  } catch (error) {
    if (!isOutriderError(error, 'storage.not_found')) throw error;
  }
}
