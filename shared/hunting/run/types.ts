import type { OutriderError } from '../../errors.ts';
import type { CheckResult, Column } from '../ports.ts';

/**
 * Where a run is. `queued`, `running` and `throttled` (it waits for quota, or to try again) are on the way; every run
 * ends in exactly one of the others, which never changes again.
 */
export type RunState = 'queued' | 'running' | 'throttled' | FinalState;
export type FinalState =
  | 'succeeded'
  /** There are rows, and not all of them: `truncation` says why, and what to change. */
  | 'truncated'
  | 'failed'
  | 'cancelled'
  /** A newer run of the same query took its place before it was done. */
  | 'superseded';

/** Ad-hoc runs go before scheduled ones. */
export type RunOrigin = 'adhoc' | 'scheduled';

/** What a run is asked to do. */
export interface HuntRequest {
  readonly tenant: string;
  /** The query as it is sent, parameters bound. */
  readonly text: string;
  /** What the check said of exactly this text. */
  readonly check: Pick<CheckResult, 'diagnostics' | 'slicing' | 'clockCalls'>;
  readonly origin: RunOrigin;
  /** Who asked, as the audit names them: an object id, or `schedule`. */
  readonly askedBy: string;
  /** The library's query, where it is one. */
  readonly query?: { readonly id: string; readonly version?: string | undefined } | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** ISO 8601, as in {@link spanOf}. Default: the service's 30 days. */
  readonly timespan?: string | undefined;
  /** The run stops after so many rows, and is then `truncated`. Default and ceiling {@link MOST_ROWS}. */
  readonly maxRows?: number | undefined;
  /** Of one request across tenants. */
  readonly group?: string | undefined;
  /** The same key from the same asker is the same run. At most 200 characters. */
  readonly idempotencyKey?: string | undefined;
}

/** Rows that one run keeps at most. */
export const MOST_ROWS = 1_000_000;

/** Why a result is not whole. */
export interface Truncation {
  readonly reason: 'rows' | 'bytes' | 'time' | 'service' | 'maxRows' | 'resources';
  /** For people: what was cut. */
  readonly text: string;
  /** For people: what to change in the query or the request. */
  readonly advice: string;
  /** Spans whose rows are not all there, where the run was sliced; ISO 8601 start/end, the end excluded. */
  readonly spans?: readonly string[] | undefined;
}

/** Why a run failed. */
export interface RunFailure {
  readonly code: OutriderError['code'];
  /** For people: what failed and what to do. */
  readonly text: string;
  /** The service's own words. They may quote the query: shown to whoever may see the run, never logged. */
  readonly serviceMessage?: string | undefined;
  readonly serviceCode?: string | undefined;
  readonly trackingId?: string | undefined;
}

/** One slice as it was read: its rows are `from <= time < to`, padded times. */
export interface SliceFact {
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly whole: boolean;
}

/** A run as people and programs are shown it. Times in milliseconds since 1970 UTC. */
export interface HuntRun {
  readonly id: string;
  readonly tenant: string;
  readonly state: RunState;
  readonly origin: RunOrigin;
  readonly askedBy: string;
  readonly query?: { readonly id: string; readonly version?: string | undefined } | undefined;
  readonly group?: string | undefined;
  readonly requestedMs: number;
  readonly beganMs?: number | undefined;
  readonly endedMs?: number | undefined;
  /** While `throttled`: when it goes on. */
  readonly waitsUntilMs?: number | undefined;
  readonly waitsFor?: string | undefined;
  /** Rows kept so far, and their bytes as NDJSON, not compressed; of a run that has ended, of its result. */
  readonly rows: number;
  readonly bytes: number;
  /** Bytes of all answers, decoded, those included whose rows were thrown away. */
  readonly received: number;
  /** HTTP requests sent upstream, retries included. */
  readonly calls: number;
  readonly failure?: RunFailure | undefined;
  readonly truncation?: Truncation | undefined;
  /** Who cancelled it. */
  readonly cancelledBy?: string | undefined;
  /** The run that took its place. */
  readonly supersededBy?: string | undefined;
}

/** A run with everything that was asked and found, rows apart. */
export interface HuntRunDetails extends HuntRun {
  readonly text: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timespan: string | undefined;
  readonly maxRows: number;
  readonly columns: readonly Column[];
  /** Empty for a run that was one call. */
  readonly slices: readonly SliceFact[];
}
