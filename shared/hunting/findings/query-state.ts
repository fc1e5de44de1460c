import type { ErrorCode } from '../../errors.ts';
import type { Columns, Row, TableStore } from '../../storage.ts';
import { unknownFormat } from '../../stored-format.ts';
import type { FinalState } from '../run/types.ts';
import { STATE_KEYS, stateKey } from './names.ts';

/** Format number of the rows of findings. Readers accept this one. */
export const FORMAT = 1;

/** A scheduled run that was asked for, until its findings are stored. Times in milliseconds since 1970 UTC. */
export interface ActiveRun {
  readonly run: string;
  readonly dueMs: number;
  /** The span it looks at; the watermark becomes its end. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why a query brings no findings of a tenant, in the words that people are shown. */
export interface QueryFailure {
  readonly code: ErrorCode;
  /** What failed and what to do. */
  readonly text: string;
  readonly sinceMs: number;
  readonly atMs: number;
  /** Failed or incomplete runs in a row. */
  readonly count: number;
  /** The run that has the details, where there is one. */
  readonly run?: string | undefined;
}

/** What the last scheduled run that ended brought. */
export interface LastRun extends ActiveRun {
  readonly state: FinalState;
  readonly endedMs: number;
  readonly rows: number;
  /** Findings that went to the change feed; that were stored silently; that were known. */
  readonly announced: number;
  readonly learned: number;
  readonly seenAgain: number;
  /** False when the query's trigger did not ask for findings: too few or too many rows. */
  readonly triggered: boolean;
}

/** All that is remembered of one query and one tenant: the row `q|query`. Its ETag is the fence of its findings. */
export interface QueryState {
  readonly v: typeof FORMAT;
  readonly queryId: string;
  /** The latest time that it was due and was dealt with. */
  readonly dueMs?: number | undefined;
  readonly active?: ActiveRun | undefined;
  /**
   * Everything before it was looked at by a run that succeeded whole, later arrivals apart; until there was one, where
   * the first run began to look.
   */
  readonly watermarkMs?: number | undefined;
  /** When a run last succeeded whole. */
  readonly lastSuccessMs?: number | undefined;
  /** How findings were told apart when they were stored. */
  readonly identity?: string | undefined;
  /** When a run last learned silently, and why. */
  readonly learned?: { readonly atMs: number; readonly why: 'firstRun' | 'identityChanged' } | undefined;
  readonly failing?: QueryFailure | undefined;
  /** A span that was never looked at: it was older than 30 days before a run could. */
  readonly gap?: { readonly fromMs: number; readonly toMs: number; readonly atMs: number } | undefined;
  readonly lastRun?: LastRun | undefined;
  readonly counts: { readonly open: number; readonly ended: number; readonly announced: number };
  /** The last day (UTC) on which findings not seen for long were ended. */
  readonly sweptDay?: string | undefined;
}

export function newQueryState(queryId: string): QueryState {
  return { v: FORMAT, queryId, counts: { open: 0, ended: 0, announced: 0 } };
}

export function stateColumns(state: QueryState, writer: string): Columns {
  return { v: FORMAT, writer, state: JSON.stringify(state) };
}

/** @throws OutriderError `storage.unreadable` for a row of a format that this version does not know */
export function decodeQueryState(row: Row): QueryState {
  const { v, state } = row.columns;
  if (v === FORMAT && typeof state === 'string') return JSON.parse(state) as QueryState;
  throw unknownFormat(`state ${row.key} of a scheduled query`, v, FORMAT);
}

/** What is known of a query for a tenant; undefined when it never was due. Times in milliseconds since 1970 UTC. */
export async function readQueryState(
  table: TableStore,
  { tenant, queryId }: { readonly tenant: string; readonly queryId: string },
): Promise<QueryState | undefined> {
  const row = await table.get(tenant, stateKey(queryId));
  return row && decodeQueryState(row);
}

/** The same for all queries that ever were due for a tenant, in the order of their ids. */
export async function listQueryStates(table: TableStore, tenant: string): Promise<readonly QueryState[]> {
  const states: QueryState[] = [];
  for await (const rows of table.range(tenant, STATE_KEYS.from, STATE_KEYS.to))
    states.push(...rows.map(decodeQueryState));
  return states;
}
