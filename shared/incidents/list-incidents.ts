import { createHash } from 'node:crypto';
import { OutriderError } from '../errors.ts';
import type { Row, TableStore } from '../storage.ts';
import { addTicks, type PaddedTime } from '../time.ts';
import { type IndexName, indexPrefix } from './keys.ts';
import { type IncidentRecord, isOpen, recordFrom } from './records.ts';
import { FORMAT } from './state.ts';

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
  const hash = filterHash(filter);
  const from = query.token === undefined ? `${index}|` : `${rowKeyOf(query.token, index, hash)}!`;
  const to =
    filter.updatedSince === undefined ? `${index}~` : indexPrefix(index, addTicks(filter.updatedSince, -1));
  const items: IncidentRecord[] = [];
  let read = 0;
  let last: Row | undefined;
  const pageSize = pageSizeFor(filter, index, top);
  for await (const rows of table.range(query.tenant, from, to, { pageSize })) {
    for (const row of rows) {
      if (items.length === top) return { items, next: last && tokenFor(last.key, hash) };
      read++;
      last = row;
      const record = recordFrom(row);
      if (matches(record, filter)) items.push(record);
    }
    if (last && read + pageSize > MOST_ROWS) return { items, next: tokenFor(last.key, hash) };
  }
  return { items, next: undefined };
}

/** The index of open incidents answers whatever asks for open ones only. */
function indexFor({ status }: IncidentFilter): IndexName {
  return status && status.length > 0 && status.every((name) => isOpen({ status: name })) ? 'o' : 't';
}

/**
 * Rows that one request to storage asks for: one more than the page where the index alone answers; more where rows
 * will be passed over, so that a small page of a rare kind does not take a thousand requests.
 */
function pageSizeFor(filter: IncidentFilter, index: IndexName, top: number): number {
  if (isSelective(filter, index)) return Math.min(1_000, Math.max(250, top * 5));
  return filter.status === undefined ? top + 1 : Math.max(100, top + 1);
}

function isSelective({ status, severity, assignedTo }: IncidentFilter, index: IndexName): boolean {
  return severity !== undefined || assignedTo !== undefined || (status !== undefined && index === 't');
}

function matches(record: IncidentRecord, { status, severity, assignedTo }: IncidentFilter): boolean {
  if (status && !status.includes(record.status)) return false;
  if (severity && !severity.includes(record.severity)) return false;
  return assignedTo === undefined || (record.assignedTo ?? '').toLowerCase() === assignedTo.toLowerCase();
}

function filterHash({ status, severity, assignedTo, updatedSince }: IncidentFilter): string {
  const canonical = JSON.stringify([
    [...(status ?? [])].sort(),
    [...(severity ?? [])].sort(),
    assignedTo?.toLowerCase() ?? null,
    updatedSince ?? null,
  ]);
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}

/** A token says where, never whose: the partition comes from the route and the caller's rights alone. */
function tokenFor(key: string, hash: string): string {
  return Buffer.from(JSON.stringify({ v: FORMAT, k: key, f: hash })).toString('base64url');
}

function rowKeyOf(token: string, index: IndexName, hash: string): string {
  let parsed: { v?: unknown; k?: unknown; f?: unknown } = {};
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString()) ?? {};
  } catch {
    // Falls through to the one error for every unusable token.
  }
  const { v, k, f } = parsed;
  const sound = v === FORMAT && typeof k === 'string' && /^[to]\|\d{20}\|[A-Za-z0-9._=~-]{0,300}$/.test(k);
  if (!sound) {
    throw new OutriderError(
      'request.invalid',
      'The continuation token is not one that Outrider gave. Start again without it.',
    );
  }
  if (f !== hash || !k.startsWith(index)) {
    throw new OutriderError(
      'request.invalid',
      'The continuation token belongs to a listing with other filters. Repeat the filters of the first page, or start again without it.',
    );
  }
  return k;
}
