import type { ParameterDeclaration, Platform } from './query.ts';

/** A column of a table or an answer. */
export interface Column {
  readonly name: string;
  /** KQL's word (`string`, `long`, `datetime`, `dynamic` …) in a check; the service's own word in an answer. */
  readonly type: string;
}

/** Microsoft's KQL language service, loaded with the hunting schema, in a worker of its own. */
export interface KqlService {
  /** Checks one query. Never throws for what the query is: a checker that fails is a finding (`KQL900`). */
  check(request: CheckRequest): Promise<CheckResult>;
  close(): Promise<void>;
}

export interface CheckRequest {
  readonly text: string;
  /** Bound in front of the text when it is run; names and types are known to the check. */
  readonly parameters?: readonly ParameterDeclaration[] | undefined;
  readonly platform?: Platform | undefined;
  /** The query is scheduled for new findings, identified by these output columns. */
  readonly findings?: { readonly keys: readonly string[] } | undefined;
  /** Output columns that the query's entry names elsewhere, and as what: `entity Account`. */
  readonly namedColumns?: readonly { readonly column: string; readonly as: string }[] | undefined;
}

/** One thing found in a query. Offsets are UTF-16 units in the text checked. */
export interface Diagnostic {
  /** Microsoft's code (`KS142`) or ours (`KQL101`). */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do, one line. */
  readonly message: string;
  readonly start: number;
  readonly length: number;
  /** Name that was probably meant. */
  readonly suggestion?: string | undefined;
}

export interface CheckResult {
  /** Errors and warnings by position. */
  readonly diagnostics: readonly Diagnostic[];
  /** Output columns. */
  readonly columns: readonly Column[];
  /** False when the output may hold more columns than the service can know (`evaluate bag_unpack` and the like). */
  readonly columnsComplete: boolean;
  /** Tables that the query reads. */
  readonly tables: readonly string[];
  readonly slicing: Slicing;
  /** Calls of `now()` and `ago()`, outermost first where they nest: a run pins them to its start. */
  readonly clockCalls: readonly ClockCall[];
}

/** Whether the query treats rows one by one, so that its timespan can be cut into slices whose union is exact. */
export type Slicing =
  | {
      readonly possible: true;
      /** The time column of the one source table: `Timestamp` (or `TimeGenerated`). */
      readonly column: string;
      readonly table: string;
      /** Offset right behind the source table, where `| where …` goes. */
      readonly insertAt: number;
    }
  | {
      readonly possible: false /** For people: which operator or source forbids it. */;
      readonly reason: string;
    };

export interface ClockCall {
  readonly kind: 'now' | 'ago';
  readonly start: number;
  readonly length: number;
  /** The argument's text, where there is one. */
  readonly argument?: { readonly start: number; readonly length: number } | undefined;
}

/** Sends hunting queries to a tenant. Errors are OutriderErrors `auth.*`, `upstream.*`, `hunt.*`. */
export interface HuntSource {
  /** Starts one query. The answer's rows are read as they arrive; whoever stops reading ends the call. */
  run(query: HuntCall): Promise<HuntAnswer>;
  /** False where the service takes no timespan beside the query. Default true. */
  readonly takesTimespan?: boolean | undefined;
  /** The day from which the service no longer answers, `2027-02-01`, where one is announced. */
  readonly retiresOn?: string | undefined;
}

export interface HuntCall {
  readonly tenant: string;
  readonly text: string;
  /** ISO 8601, as the service takes it: `P7D`, or start/end; absent: the service's own 30 days. */
  readonly timespan?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once for each HTTP request sent, retries included. */
  readonly onCall?: (() => void) | undefined;
  /** Awaited before each HTTP request, retries included: the tenant's quota. */
  readonly turn?: (() => Promise<void>) | undefined;
}

export interface HuntAnswer {
  /** The service's columns; empty where the answer names none. Known before the first row where it stands there. */
  readonly schema: () => readonly Column[];
  /** Rows as the service wrote them, each one JSON object's text, character for character, a chunk at a time. */
  readonly rows: AsyncIterable<readonly string[]>;
  /** After the last row: why the answer is not whole, in the service's words; undefined when it is. */
  readonly incomplete: () => string | undefined;
  /** Bytes of the body received so far, decoded. */
  readonly bytes: () => number;
}

/** Limits of one answer of advanced hunting (learn: advanced-hunting-overview, quotas). */
export const ANSWER_LIMITS = { rows: 100_000, bytes: 50 * 1024 * 1024, seconds: 180 } as const;
