import { withoutMembers } from '../../defender/json-slices.ts';
import type { Span } from '../span.ts';
import { parseTime, ticksOfMs } from '../ticks.ts';

/** A row that somebody has given, as its text is. */
export interface StoredRow {
  readonly text: string;
  /** Its time in ticks; undefined: it has none, and lies in every span. */
  readonly at: bigint | undefined;
  /** Since when it can be found, in ticks; undefined: since it was given. */
  readonly visibleFrom: bigint | undefined;
}

/** Which query's rows, and whose; without a tenant every tenant's. */
export interface StoredFor {
  readonly hash: string;
  readonly tenant?: string | undefined;
}

/** Rows from files and from tests, which come instead of generated ones. */
export interface StoredRows {
  set(where: StoredFor, rows: readonly StoredRow[]): void;
  add(where: StoredFor, rows: readonly StoredRow[]): void;
  clear(): void;
  /** A tenant's own rows before those of all. Undefined: nobody has said anything of this query. */
  find(hash: string, tenant: string): readonly StoredRow[] | undefined;
  counts(): readonly (StoredFor & { readonly rows: number })[];
}

export function createStoredRows(): StoredRows {
  const kept = new Map<string, { readonly where: StoredFor; readonly rows: StoredRow[] }>();
  const keyOf = ({ hash, tenant = '*' }: StoredFor): string => `${hash} ${tenant}`;
  const byTime = (one: StoredRow, other: StoredRow): number => Number((one.at ?? 0n) - (other.at ?? 0n));

  function set(where: StoredFor, rows: readonly StoredRow[]): void {
    kept.set(keyOf(where), { where, rows: [...rows].sort(byTime) });
  }

  return {
    set,
    add: (where, rows) => set(where, [...(kept.get(keyOf(where))?.rows ?? []), ...rows]),
    clear: () => kept.clear(),
    find: (hash, tenant) => (kept.get(keyOf({ hash, tenant })) ?? kept.get(keyOf({ hash })))?.rows,
    counts: () => [...kept.values()].map(({ where, rows }) => ({ ...where, rows: rows.length })),
  };
}

/** The stored rows that a span shows at a moment (milliseconds since 1970). */
export function rowsInSpan(rows: readonly StoredRow[], span: Span, now: number): StoredRow[] {
  const ticks = ticksOfMs(now);
  return rows.filter(
    ({ at, visibleFrom }) =>
      (visibleFrom === undefined || visibleFrom <= ticks) &&
      (at === undefined || (at >= span.from && at < span.to)),
  );
}

const HIDDEN_TIME = '@time';
const HIDDEN_ARRIVAL = '@visible';
const TIME_MEMBERS = [HIDDEN_TIME, 'Timestamp', 'TimeGenerated'];

/**
 * Reads a row from its JSON. Its time is the member `@time`, else `Timestamp`, else `TimeGenerated`; `@visible` is
 * when it arrives. The two with an `@` are not shown; everything else stays as written.
 *
 * @throws an Error when the text is not one JSON object
 */
export function readStoredRow(text: string): StoredRow {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('a row must be a JSON object');
  }
  const row = value as Readonly<Record<string, unknown>>;
  const timed = TIME_MEMBERS.find((name) => Object.hasOwn(row, name));
  return {
    text: withoutMembers(text.trim(), (name) => name === HIDDEN_TIME || name === HIDDEN_ARRIVAL),
    at: timed === undefined ? undefined : ticksIn(row[timed]),
    visibleFrom: ticksIn(row[HIDDEN_ARRIVAL]),
  };
}

const ticksIn = (value: unknown): bigint | undefined =>
  typeof value === 'string' ? parseTime(value) : undefined;
