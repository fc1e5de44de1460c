import { gunzipSync } from 'node:zlib';
import { mapLimit } from '../../concurrency.ts';
import { continuationOf } from '../../continuation.ts';
import type { BlobStore, Row, TableStore } from '../../storage.ts';
import { type FindingFacts, type FindingState, type FoundRow, factsFrom, foundFrom } from './finding-rows.ts';
import { encodeQueryId, findingKey, INDEX_KEYS, indexKey, indexPrefix } from './names.ts';

/** A finding as programs are shown it. Times in milliseconds since 1970 UTC. */
export interface Finding extends Omit<FoundRow, 'rowBlob' | 'hash'>, Omit<FindingFacts, 'lastRun'> {
  /** Unique in its query and tenant. */
  readonly id: string;
  /** The run that found it, and the last one that saw it. */
  readonly run: string;
  readonly lastRun: string;
  /** The row is too long for a listing: {@link readFinding} has it. */
  readonly rowIsLarge: boolean;
}

export interface FindingFilter {
  readonly queryId?: string | undefined;
  readonly state?: FindingState | undefined;
  /** Found at this time or later, in milliseconds since 1970 UTC. */
  readonly sinceMs?: number | undefined;
}

export interface FindingList {
  readonly items: readonly Finding[];
  /** Where the next page begins; undefined at the end. A page may be short, even empty, and have one. */
  readonly next: string | undefined;
}

/** One request reads at most so many rows of the index, whatever its filter. */
const MOST_ROWS = 5_000;
/** A row of the index may hold a long result row. */
const MOST_AT_ONCE = 200;
const READS_AT_ONCE = 16;
const INDEX_KEY = /^n\|\d{13}\|[a-z0-9._=~-]{1,300}![0-9a-f]{32}$/;

/**
 * A page of a tenant's findings, found last first.
 *
 * @param top page size, 1 to 200
 * @param token `next` of the page before, made with the same filter
 * @throws OutriderError `request.invalid` for a token that is not ours or of another filter
 */
export async function listFindings(
  table: TableStore,
  query: FindingFilter & {
    readonly tenant: string;
    readonly top: number;
    readonly token?: string | undefined;
  },
): Promise<FindingList> {
  const { tenant, top, token, sinceMs, queryId, state } = query;
  const filter = [queryId?.toLowerCase() ?? null, state ?? null, sinceMs ?? null];
  const continuation = continuationOf(filter, (key) => INDEX_KEY.test(key));
  const from = token === undefined ? INDEX_KEYS.from : `${continuation.keyOf(token)}!`;
  // Those found at the time itself are still in.
  const to = sinceMs === undefined ? INDEX_KEYS.to : indexPrefix(sinceMs - 1);
  const found: FoundRow[] = [];
  let last: Row | undefined;
  let next: string | undefined;
  let read = 0;
  const pageSize = Math.min(MOST_AT_ONCE, top + 1);
  search: for await (const rows of table.range(tenant, from, to, { pageSize })) {
    for (const row of rows) {
      if (found.length === top || read === MOST_ROWS) {
        next = last && continuation.tokenFor(last.key);
        break search;
      }
      read += 1;
      last = row;
      const one = foundFrom(row);
      if (matches(one, query)) found.push(one);
    }
  }
  const items = await mapLimit(found, READS_AT_ONCE, (one) => findingOf(table, tenant, one));
  return { items, next };
}

/** One finding with its row, however long; undefined when there is none. */
export async function readFinding(
  { table, blobs }: { readonly table: TableStore; readonly blobs: BlobStore },
  { tenant, queryId, id }: { readonly tenant: string; readonly queryId: string; readonly id: string },
): Promise<Finding | undefined> {
  const facts = /^[0-9a-f]{32}$/.test(id) ? await table.get(tenant, findingKey(queryId, id)) : undefined;
  if (!facts) return undefined;
  const index = await table.get(tenant, indexKey(factsFrom(facts).foundMs, queryId, id));
  if (!index) return undefined;
  const found = foundFrom(index);
  const content = found.rowBlob === undefined ? undefined : await blobs.get(found.rowBlob);
  const row = content ? gunzipSync(content).toString() : found.row;
  return viewOf({ ...found, row }, factsFrom(facts));
}

async function findingOf(table: TableStore, tenant: string, found: FoundRow): Promise<Finding> {
  const row = await table.get(tenant, findingKey(found.queryId, found.hash));
  return viewOf(found, row && factsFrom(row));
}

/** @param facts undefined for one that was deleted just now: it is shown as it was found */
function viewOf({ hash, rowBlob, ...found }: FoundRow, facts: FindingFacts | undefined): Finding {
  const { foundMs, run, state } = found;
  const asFound = { lastSeenMs: foundMs, count: 1, times: 1, lastRun: run };
  return {
    ...asFound,
    ...found,
    ...facts,
    foundMs,
    state: facts?.state ?? state,
    id: hash,
    rowIsLarge: rowBlob !== undefined,
  };
}

function matches(found: FoundRow, { queryId, state }: FindingFilter): boolean {
  if (state !== undefined && found.state !== state) return false;
  return queryId === undefined || encodeQueryId(found.queryId) === encodeQueryId(queryId);
}
