import { type Continuation, continuationOf } from '../continuation.ts';
import type { Row, TableStore } from '../storage.ts';
import { addTicks, type PaddedTime } from '../time.ts';
import { type IndexName, indexPrefix } from './keys.ts';
import { type IncidentRecord, isOpen, recordFrom } from './records.ts';

/** What a listing may be narrowed by. Values in Graph's words; several of one kind mean any of them. */
export interface IncidentFilter {
  readonly status?: readonly string[] | undefined;
  readonly severity?: readonly string[] | undefined;
  /** Exact name; the empty string stands for unassigned. Letter case does not matter. */
  readonly assignedTo?: string | undefined;
  /** Last update at or after this time. */
  readonly updatedSince?: PaddedTime | undefined;
}

export interface IncidentList {
  readonly items: readonly IncidentRecord[];
  /** Where the next page begins; undefined at the end. A page may be short, even empty, and have one. */
  readonly next: string | undefined;
}

/** One request reads at most so many index rows, whatever its filter. */
const MOST_ROWS = 5_000;
/** Azure's own limit of a page. */
const MOST_AT_ONCE = 1_000;
/** Of either index: by last update, all or the open ones. */
const INDEX_KEY = /^[to]\|\d{20}\|[A-Za-z0-9._=~-]{0,300}$/;
/** Rather a few rows more than another request to storage. */
const MARGIN = 1.1;

/**
 * A page of a tenant's stored incidents, newest last update first, from the index alone.
 *
 * @param top page size, 1 to 200
 * @param token `next` of the page before, made with the same filter
 * @throws OutriderError `request.invalid` for a token that is not ours or of another filter
 */
export async function listIncidents(
  table: TableStore,
  query: {
    readonly tenant: string;
    readonly filter: IncidentFilter;
    readonly top: number;
    readonly token?: string | undefined;
  },
): Promise<IncidentList> {
  const { filter, top } = query;
  const index = indexFor(filter);
  const continuation = continuationFor(filter, index);
  const from = query.token === undefined ? `${index}|` : `${continuation.keyOf(query.token)}!`;
  const to =
    filter.updatedSince === undefined ? `${index}~` : indexPrefix(index, addTicks(filter.updatedSince, -1));
  const items: IncidentRecord[] = [];
  let read = 0;
  let last: Row | undefined;
  const nextSize = (): number => sizeToExpect({ missing: top - items.length, found: items.length, read });
  for await (const rows of rowsInSizes(table, { partition: query.tenant, from, to, nextSize })) {
    for (const row of rows) {
      if (items.length === top) return { items, next: last && continuation.tokenFor(last.key) };
      read++;
      last = row;
      const record = recordFrom(row);
      if (matches(record, filter)) items.push(record);
    }
    if (last && read === MOST_ROWS) return { items, next: continuation.tokenFor(last.key) };
  }
  return { items, next: undefined };
}

/**
 * How many rows to ask storage for: as many as the share that fitted so far lets expect, which is the page itself where
 * the index alone answers, so that a page of a rare kind takes few requests; and one more, to see whether any follow.
 */
function sizeToExpect({
  missing,
  found,
  read,
}: {
  readonly missing: number;
  readonly found: number;
  readonly read: number;
}): number {
  const rowsForOne = read === 0 ? 1 : (read * MARGIN) / Math.max(1, found);
  return Math.min(MOST_AT_ONCE, Math.ceil(missing * rowsForOne) + 1);
}

/** The rows of a range, a page at a time and 5,000 at most; `nextSize` says before each page how many to ask for. */
async function* rowsInSizes(
  table: TableStore,
  {
    partition,
    from,
    to,
    nextSize,
  }: {
    readonly partition: string;
    readonly from: string;
    readonly to: string;
    readonly nextSize: () => number;
  },
): AsyncGenerator<readonly Row[]> {
  let left = MOST_ROWS;
  for (let start: string | undefined = from; start !== undefined && left > 0; ) {
    const pageSize = Math.min(nextSize(), left);
    let last: Row | undefined;
    for await (const rows of table.range(partition, start, to, { pageSize })) {
      yield rows;
      left -= rows.length;
      // After a page that is not full storage knows whether there are more: asked again only for another size.
      const again = rows.length === pageSize || nextSize() >= 2 * pageSize || left < pageSize;
      last = again ? rows.at(-1) : undefined;
      if (last) break;
    }
    start = last && `${last.key}!`;
  }
}

/** The index of open incidents answers whatever asks for open ones only. */
function indexFor({ status }: IncidentFilter): IndexName {
  return status && status.length > 0 && status.every((name) => isOpen({ status: name })) ? 'o' : 't';
}

function matches(record: IncidentRecord, { status, severity, assignedTo }: IncidentFilter): boolean {
  if (status && !status.includes(record.status)) return false;
  if (severity && !severity.includes(record.severity)) return false;
  return assignedTo === undefined || (record.assignedTo ?? '').toLowerCase() === assignedTo.toLowerCase();
}

function continuationFor(
  { status = [], severity = [], assignedTo, updatedSince }: IncidentFilter,
  index: IndexName,
): Continuation {
  const names = [[...status].sort(), [...severity].sort(), assignedTo?.toLowerCase() ?? null];
  return continuationOf([...names, updatedSince ?? null, index], (key) => INDEX_KEY.test(key));
}
