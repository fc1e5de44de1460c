import type { Row, RowWrite, TableStore } from '../../storage.ts';
import { unknownFormat } from '../../stored-format.ts';
import { findingKey, findingKeys, hashOfKey, indexKey } from './names.ts';
import { FORMAT } from './query-state.ts';

/** `open` while it is seen now and then; `ended` when it was not seen for the query's `endsAfterDays`. */
export type FindingState = 'open' | 'ended';

/** What changes of a finding: its row `f|query!hash`. Times in milliseconds since 1970 UTC. */
export interface FindingFacts {
  readonly state: FindingState;
  /** When it was found, and its place in the index. One that ended and came back is found anew. */
  readonly foundMs: number;
  /** End of the span of the last run that saw it. */
  readonly lastSeenMs: number;
  /** Runs that saw it since it was found. */
  readonly count: number;
  /** The last of them: a run counts once, however often its rows are stored. */
  readonly lastRun: string;
  /** Times that it was found: more than one when it had ended. */
  readonly times: number;
  readonly endedMs?: number | undefined;
}

/** What does not change of it: its row `n|…`, in the order found. */
export interface FoundRow {
  readonly queryId: string;
  readonly queryName: string;
  readonly queryVersion?: string | undefined;
  readonly severity?: string | undefined;
  readonly hash: string;
  readonly state: FindingState;
  readonly foundMs: number;
  readonly run: string;
  /** Names of the columns that identify it; empty for the whole row. */
  readonly keys: readonly string[];
  /** The row as the service wrote it when the finding was found; undefined where it is in a blob. */
  readonly row?: string | undefined;
  readonly rowBlob?: string | undefined;
  /** Its place in the change feed; undefined for one that was learned silently. */
  readonly sequence?: number | undefined;
}

// In one column of JSON: a number of milliseconds is too large for the table's own integers.

export function factsWrite(query: string, hash: string, facts: FindingFacts): RowWrite {
  return { op: 'put', key: findingKey(query, hash), columns: { v: FORMAT, facts: JSON.stringify(facts) } };
}

export function factsFrom(row: Row): FindingFacts {
  return JSON.parse(columnOf(row, 'facts')) as FindingFacts;
}

export function foundWrite({ row, ...found }: FoundRow): RowWrite {
  const columns = { v: FORMAT, found: JSON.stringify(found), ...(row === undefined ? {} : { row }) };
  return { op: 'put', key: indexKey(found.foundMs, found.queryId, found.hash), columns };
}

export function foundFrom(stored: Row): FoundRow {
  const found = JSON.parse(columnOf(stored, 'found')) as FoundRow;
  const { row } = stored.columns;
  return typeof row === 'string' ? { ...found, row } : found;
}

function columnOf(row: Row, name: string): string {
  const { v, [name]: text } = row.columns;
  if (v === FORMAT && typeof text === 'string') return text;
  throw unknownFormat(`finding ${row.key}`, v, FORMAT);
}

/** All findings of a query in a tenant, by hash: some 300 bytes of memory each. */
export async function readFacts(
  table: TableStore,
  tenant: string,
  query: string,
): Promise<ReadonlyMap<string, FindingFacts>> {
  const found = new Map<string, FindingFacts>();
  const { from, to } = findingKeys(query);
  for await (const rows of table.range(tenant, from, to)) {
    for (const row of rows) found.set(hashOfKey(row.key), factsFrom(row));
  }
  return found;
}
