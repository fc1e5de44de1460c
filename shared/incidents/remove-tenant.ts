import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { RowWrite, TableStore } from '../storage.ts';
import type { SyncSettings } from '../tenant.ts';
import { STATE_KEY } from './keys.ts';
import { decodeState } from './session.ts';
import { FORMAT, newState } from './state.ts';

const TRIES = 10;

/**
 * Takes the fence of a tenant's rows away from every run: what is left of the state row says which registration was
 * removed, and nothing else of the tenant. No run that began before, however long it was away, can write behind it.
 * The next sequence number stays, so that a tenant that is registered again goes on counting where readers of its
 * change feed stand.
 *
 * @throws OutriderError `storage.*`; to be called again
 */
export async function markRemoved(
  {
    table,
    clock,
    defaults,
  }: {
    readonly table: TableStore;
    readonly clock: Pick<Clock, 'now'>;
    readonly defaults: SyncSettings;
  },
  { id, generation }: { readonly id: string; readonly generation: number },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const row = await table.get(id, STATE_KEY);
    const before = row && decodeState(id, row);
    if (before?.removedGeneration !== undefined && before.removedGeneration >= generation) return;
    const now = clock.now();
    const writer = `removal-${randomUUID()}`;
    const state = {
      ...newState(now, defaults),
      writer,
      removedMs: now,
      removedGeneration: generation,
      nextSequence: before?.nextSequence ?? 1,
    };
    const columns = { v: FORMAT, writer, state: JSON.stringify(state) };
    const fence: RowWrite = row
      ? { op: 'replace', key: STATE_KEY, columns, etag: row.etag }
      : { op: 'insert', key: STATE_KEY, columns };
    try {
      await table.transact(id, [fence]);
      return;
    } catch (error) {
      // A run that still writes, or an answer that was lost: looked at again.
      if (!isOutriderError(error, 'storage.conflict', 'storage.not_found') || attempt === TRIES) throw error;
    }
  }
}
