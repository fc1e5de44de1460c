import { isOutriderError } from '../../errors.ts';
import type { RunStorage } from './dependencies.ts';
import { RUN_KEYS, runFolder, runKey, runKeyAt } from './names.ts';
import { decodeRecord, isFinal } from './record.ts';

/**
 * Deletes a tenant's runs that ended, and were asked for at `untilMs` or before: their blobs first, also those that a
 * run left which failed, so that nothing is left behind without a row; then their rows. A run that nothing ended, since
 * its message was lost, counts as ended when it should have been by `untilMs`.
 *
 * @returns how many were deleted
 */
export async function pruneRuns(
  { table, blobs }: RunStorage,
  { tenant, untilMs }: { readonly tenant: string; readonly untilMs: number },
): Promise<number> {
  let deleted = 0;
  for await (const rows of table.range(tenant, runKeyAt(untilMs), RUN_KEYS.to, { pageSize: 100 })) {
    const ended = rows
      .map(decodeRecord)
      .filter(({ state, expiresMs }) => isFinal(state) || expiresMs < untilMs);
    await deleteFolders(
      blobs,
      ended.map(({ id }) => runFolder(id)),
    );
    for (const { id, keyRow } of ended) {
      if (keyRow !== undefined) await dropRow(table, tenant, keyRow);
      await dropRow(table, tenant, runKey(id));
    }
    deleted += ended.length;
  }
  return deleted;
}

/**
 * Most runs have no blob at all, and a list costs as much as a write: one list is made for runs that follow each other in
 * time, by what their names have in common.
 */
async function deleteFolders(blobs: RunStorage['blobs'], folders: readonly string[]): Promise<void> {
  const [first = ''] = folders;
  if (first === '') return;
  const wanted = new Set(folders);
  for await (const found of blobs.list(folders.reduce(commonPrefix, first))) {
    for (const { name, etag } of found) {
      if (wanted.has(name.slice(0, name.lastIndexOf('/') + 1))) await blobs.deleteIf(name, etag);
    }
  }
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}

/** Somebody else may prune at the same time. */
async function dropRow(table: RunStorage['table'], tenant: string, key: string): Promise<void> {
  try {
    await table.transact(tenant, [{ op: 'drop', key }]);
  } catch (error) {
    if (!isOutriderError(error, 'storage.not_found')) throw error;
  }
}
