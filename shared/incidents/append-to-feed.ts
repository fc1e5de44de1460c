import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { Columns, Row, RowWrite, TableStore } from '../storage.ts';
import type { Tenant } from '../tenant.ts';
import type { PaddedTime } from '../time.ts';
import { feedKey, STATE_KEY } from './keys.ts';
import { decodeState } from './session.ts';
import { FORMAT, newState, removedTenant, type SyncState, stateFor } from './state.ts';

/** How long, over all its writes, a writer waits for a sync run under way to end: such a run would begin again. */
const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 1_000;
/** Writes of others that may come between before this one is given up. */
const TRIES = 10;
const LONGEST_PAUSE_MS = 500;

/** Something other than an incident that goes to a tenant's change feed. */
interface FeedEntry {
  readonly kind: string;
  /** Retention of the feed goes by it. */
  readonly observedAt: PaddedTime;
  readonly columns: Columns;
}

interface FeedWriterOptions {
  readonly table: TableStore;
  readonly clock: Clock;
}

/**
 * Adds to the change feeds of tenants what other parts of Outrider found, under the same fence as the sync: each
 * transaction moves the next sequence number of the state row, on its ETag, and changes nothing else of it.
 *
 * A sync run that is overtaken by it begins again from what is stored; a run that holds a live lease is therefore
 * waited for, a little. A tenant that was never synced gets its first state, without cursors: its first sync run adds
 * it as if there were none.
 */
export function createFeedWriter({ table, clock }: FeedWriterOptions) {
  return {
    open(tenant: Pick<Tenant, 'id' | 'sync' | 'generation'>) {
      const holder = `feed.${randomUUID()}`;
      let row: Row | undefined;
      let read = false;
      let waitedMs = 0;
      let writes = 0;

      async function readRow(): Promise<void> {
        row = await table.get(tenant.id, STATE_KEY);
        read = true;
      }

      async function currentState(): Promise<SyncState> {
        if (!read) await readRow();
        for (;;) {
          const stored = row && decodeState(tenant.id, row);
          const state = stateFor(stored, newState(clock.now(), tenant.sync), tenant.generation);
          if (state.removedMs !== undefined) throw removedTenant(tenant.id);
          const busy = state.lease !== undefined && state.lease.untilMs > clock.now();
          if (!busy || waitedMs >= PATIENCE_MS) return state;
          await clock.sleep(LOOK_AGAIN_MS);
          waitedMs += LOOK_AGAIN_MS;
          await readRow();
        }
      }

      /** @returns false when somebody else wrote before */
      async function write(
        entries: readonly FeedEntry[],
        rows: (firstSequence: number) => readonly RowWrite[],
      ): Promise<boolean> {
        const state = await currentState();
        const { nextSequence } = state;
        const writer = `${holder}.${++writes}`;
        const next: SyncState = { ...state, writer, nextSequence: nextSequence + entries.length };
        const columns = { ...row?.columns, v: FORMAT, writer, state: JSON.stringify(next) };
        const fence: RowWrite = row
          ? { op: 'replace', key: STATE_KEY, columns, etag: row.etag }
          : { op: 'insert', key: STATE_KEY, columns };
        const feed = entries.map((entry, index) => feedRow(entry, nextSequence + index));
        try {
          const etag = await table.transact(tenant.id, [fence, ...feed, ...rows(nextSequence)]);
          row = { key: STATE_KEY, etag, columns };
          return true;
        } catch (error) {
          if (!isOutriderError(error, 'storage.conflict', 'storage.unavailable', 'storage.not_found'))
            throw error;
          const etagBefore = row?.etag;
          read = false;
          await readRow();
          if (row?.columns.writer === writer) return true;
          if (row?.etag === etagBefore) throw error;
          return false;
        }
      }

      return {
        async append(
          entries: readonly FeedEntry[],
          rows: (firstSequence: number) => readonly RowWrite[],
        ): Promise<void> {
          for (let attempt = 1; attempt <= TRIES; attempt += 1) {
            if (await write(entries, rows)) return;
            await clock.sleep(clock.random() * LONGEST_PAUSE_MS);
          }
          throw new OutriderError(
            'sync.fenced',
            `Others kept writing the state of tenant ${tenant.id} while its change feed was to be written. It is tried again.`,
            { tenant: tenant.id },
          );
        },
      };
    },
  };
}

function feedRow({ kind, observedAt, columns }: FeedEntry, sequence: number): RowWrite {
  return {
    op: 'put',
    key: feedKey(sequence),
    columns: { ...columns, v: FORMAT, kind, observedAt, sequence },
  };
}
