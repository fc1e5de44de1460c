import { createHash } from 'node:crypto';
import { OutriderError } from '../../errors.ts';
import type { Column } from '../ports.ts';
import { canonicalValue, readExactly } from './exact-value.ts';

/** Number of the rule below. Another number: what is there is learned again, silently. */
const RULE = 1;

/**
 * Columns that differ each time the same thing is seen: they are no part of a finding's identity where the query names
 * no keys. Compared without letter case.
 *
 * - `Timestamp`, `TimeGenerated`: when the event was (Defender XDR and Sentinel schema reference).
 * - `ReportId`: numbers the event, and is unique only together with device and time (learn: advanced-hunting-deviceevents-table).
 * - `IngestionTime`, `ingestion_time`, `$IngestionTime`: what queries name the result of `ingestion_time()`.
 * - `_TimeReceived`, `_ItemId`: arrival time and id that Azure Monitor gives each record (learn: log-standard-columns).
 *
 * Annotations (`Column@odata.type`) say how a value is written; they never count.
 */
export const VOLATILE_COLUMNS = [
  'Timestamp',
  'TimeGenerated',
  'ReportId',
  'IngestionTime',
  'ingestion_time',
  '$IngestionTime',
  '_TimeReceived',
  '_ItemId',
] as const;

const VOLATILE: ReadonlySet<string> = new Set(VOLATILE_COLUMNS.map((name) => name.toLowerCase()));

const counts = (name: string): boolean => !name.includes('@odata.') && !VOLATILE.has(name.toLowerCase());

/** How the findings of one answer are told apart. */
export interface Identity {
  /**
   * Names the way: another text means that the same row is another finding than it was before. Undefined where the
   * answer names no columns, and so cannot tell.
   */
  readonly definition: string | undefined;
  /**
   * The finding that a row is, as 32 hex digits.
   *
   * @throws OutriderError `hunt.query_invalid` for a row without a key column
   */
  of(row: string): string;
}

/**
 * Where the query names keys, a finding is their values; else the whole row less volatile columns.
 *
 * @param columns of the answer; empty where it names none
 * @throws OutriderError `hunt.query_invalid` when a key is no column of the answer: all rows would be one finding
 */
export function identityOf(
  { id, keys }: { readonly id: string; readonly keys: readonly string[] },
  columns: readonly Column[],
): Identity {
  const names = columns.map(({ name }) => name);
  if (keys.length === 0) {
    const definition = names.length === 0 ? undefined : definitionOf('row', names.filter(counts));
    return { definition, of: (row) => hash(id, wholeRow(row)) };
  }
  const missing = columns.length === 0 ? undefined : keys.find((key) => !names.includes(key));
  if (missing !== undefined) throw noSuchKey(id, missing);
  return {
    definition: definitionOf('keys', keys),
    of: (row) => hash(id, keyValues(row, id, keys, columns.length > 0)),
  };
}

function definitionOf(kind: 'row' | 'keys', names: readonly string[]): string {
  const text = JSON.stringify([RULE, kind, ...[...names].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function wholeRow(row: string): string {
  const values = readExactly(row);
  return canonicalValue(Object.fromEntries(Object.entries(values).filter(([name]) => counts(name))));
}

/** Pairs sorted by name, so that the order in which keys are named does not count. */
function keyValues(row: string, id: string, keys: readonly string[], columnsKnown: boolean): string {
  const values = readExactly(row);
  const pairs = [...keys].sort().map((key) => {
    // An open row may leave out what is null; whether it does is known only where the answer names its columns.
    if (!columnsKnown && !Object.hasOwn(values, key)) throw noSuchKey(id, key);
    return [key, values[key]];
  });
  return canonicalValue(pairs);
}

function hash(queryId: string, identity: string): string {
  return createHash('sha256').update(`${queryId.toLowerCase()}\n${identity}`).digest('hex').slice(0, 32);
}

function noSuchKey(query: string, key: string): OutriderError {
  return new OutriderError(
    'hunt.query_invalid',
    `The keys of query ${query} name the column ${key}, which its answer does not have. Correct keys, or let the query return the column.`,
  );
}
