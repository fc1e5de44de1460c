import { isOutriderError, OutriderError } from '../../errors.ts';
import type { Row, RowWrite, TableStore } from '../../storage.ts';
import { stateKey } from './names.ts';
import type { Feed, FeedEntry } from './ports.ts';
import { decodeQueryState, newQueryState, type QueryState, stateColumns } from './query-state.ts';

/**
 * A query's state for one tenant in one holder's hands. Every write is one transaction that is conditional on the
 * state row's ETag: whoever was overtaken writes nothing more.
 */
export interface QuerySession {
  /** As last written. */
  readonly state: QueryState;
  /**
   * Writes the patch and rows beside it, at most 99.
   *
   * @throws OutriderError `hunt.fenced` when somebody else has written since
   */
  commit(patch: Partial<QueryState>, rows?: readonly RowWrite[]): Promise<void>;
  /** The same, with entries for the change feed: rows and entries together at most 98. */
  announce(patch: Partial<QueryState>, feed: Feed, announcement: Announcement): Promise<void>;
}

export interface Announcement {
  readonly entries: readonly FeedEntry[];
  readonly rows: (firstSequence: number) => readonly RowWrite[];
}

export interface SessionOptions {
  readonly table: TableStore;
  readonly tenant: string;
  readonly queryId: string;
  /** Unique to whoever writes. */
  readonly holder: string;
}

/** Reads the state; one that is not there begins empty. Nothing is written. */
export async function openQuerySession({
  table,
  tenant,
  queryId,
  holder,
}: SessionOptions): Promise<QuerySession> {
  const key = stateKey(queryId);
  const row = await table.get(tenant, key);
  let etag = row?.etag;
  let state = row ? decodeQueryState(row) : newQueryState(queryId);
  let writes = 0;

  function fenceOf(next: QueryState, writer: string): RowWrite {
    const columns = stateColumns(next, writer);
    return etag === undefined ? { op: 'insert', key, columns } : { op: 'replace', key, columns, etag };
  }

  /** Own row after a write whose fate is not known. */
  async function ownRow(writer: string, error?: unknown): Promise<Row> {
    const now = await table.get(tenant, key);
    if (now && now.columns.writer === writer) return now;
    if (error !== undefined && now?.etag === etag) throw error;
    throw new OutriderError('hunt.fenced', `Query ${queryId} of tenant ${tenant} is in other hands now.`, {
      cause: error,
      tenant,
    });
  }

  return {
    get state() {
      return state;
    },
    async commit(patch, rows = []) {
      const next = { ...state, ...patch };
      const writer = `${holder}.${++writes}`;
      try {
        etag = await table.transact(tenant, [fenceOf(next, writer), ...rows]);
      } catch (error) {
        if (!mayBeOurs(error)) throw error;
        etag = (await ownRow(writer, error)).etag;
      }
      state = next;
    },
    async announce(patch, feed, { entries, rows }) {
      const next = { ...state, ...patch };
      const writer = `${holder}.${++writes}`;
      let failure: unknown;
      try {
        await feed.append(entries, (first) => [fenceOf(next, writer), ...rows(first)]);
      } catch (error) {
        if (!mayBeOurs(error)) throw error;
        failure = error;
      }
      // The feed gives the ETag of its own row, not of ours.
      etag = (await ownRow(writer, failure)).etag;
      state = next;
    },
  };
}

/** The answer may have been lost after the write took effect, or a retry of the SDK met its own first try. */
function mayBeOurs(error: unknown): boolean {
  return isOutriderError(
    error,
    'storage.conflict',
    'storage.unavailable',
    'storage.not_found',
    'sync.fenced',
  );
}
