/** A hunting query of the library: one entry of a file under queries/, or of a public collection. */
export interface HuntingQuery {
  /** Unique in the library: letters, digits, `.`, `_`, `-` and, for a file's further queries, `#n`. */
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  /** Longer text: background, what to do with a finding. */
  readonly details?: string | undefined;
  /** The KQL as the file has it, parameters not bound. */
  readonly text: string;
  readonly platform: Platform;
  readonly severity?: 'informational' | 'low' | 'medium' | 'high' | undefined;
  /** MITRE ATT&CK names without spaces: `InitialAccess`. */
  readonly tactics: readonly string[];
  /** MITRE ATT&CK ids: `T1566` or `T1566.002`. */
  readonly techniques: readonly string[];
  /** When it runs by itself; absent: only when asked for. */
  readonly schedule?: QuerySchedule | undefined;
  readonly trigger: { readonly operator: 'gt' | 'lt' | 'eq' | 'ne'; readonly threshold: number };
  readonly entities: readonly {
    readonly type: string;
    readonly identifier: string;
    readonly column: string;
  }[];
  /** Name to column. */
  readonly customDetails: Readonly<Record<string, string>>;
  readonly connectors: readonly unknown[];
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly parameters: readonly ParameterDeclaration[];
  /** Output columns that identify a finding; empty: the whole row less volatile columns. */
  readonly keys: readonly string[];
  /** Scheduled runs happen only while true. Default true. */
  readonly enabled: boolean;
  /** Tenants that its schedule is for: ids or names; absent: all. */
  readonly tenants?: readonly string[] | undefined;
  readonly version?: string | undefined;
  readonly author?: string | undefined;
  readonly status?: string | undefined;
  /** Kept, shown, never run by Outrider's loader. */
  readonly actions: readonly unknown[];
  /** Why it cannot be run as it is, for people: a placeholder in it that nothing can fill. Absent: it can. */
  readonly notRunnable?: string | undefined;
  /** Fields that no rule knows, as they were. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly source: QuerySource;
}

/** Where a query is meant to run: Defender's advanced hunting, or a Sentinel workspace. */
export type Platform = 'xdr' | 'sentinel';

/** When a query is due, and how far back each run looks. */
export interface QuerySchedule {
  /** Either a period or a calendar. A period of zero (near real time) counts as the shortest, 5 minutes. */
  readonly every: { readonly minutes: number } | { readonly cron: string };
  /** IANA zone in which `cron` is read. Default `UTC`. */
  readonly timeZone: string;
  /** Span that one run looks at, in minutes. Default: the period, at least. */
  readonly lookbackMinutes: number;
  /** The first run only learns what is there, and reports no new finding. Default false. */
  readonly learnSilently: boolean;
  /** A finding that was not seen for this many days has ended. Default 30. */
  readonly endsAfterDays: number;
}

/** Where in which file the query's text stands, so that a position in the text can be shown in the file. */
export interface QuerySource {
  /** Path as given or found, with `/`. */
  readonly file: string;
  readonly format: 'outrider' | 'sentinel' | 'markdown' | 'kql';
  /** Where its id stands in the file; absent: the file gives it none. */
  readonly id?: { readonly line: number; readonly column: number } | undefined;
  /** For each line of `text` the line (from 1) and the column (from 1) in the file at which it begins. */
  readonly lines: readonly { readonly line: number; readonly column: number }[];
  /**
   * Offsets of `text`, inside its lines, from which on the text stands elsewhere in the file: where a line was folded
   * or a character escaped. Absent: nowhere. `positionInFile` of library/positions.ts reads both.
   */
  readonly places?:
    | readonly { readonly at: number; readonly line: number; readonly column: number }[]
    | undefined;
}

/** Types of KQL's scalars that a parameter can have. */
export type ScalarType =
  | 'string'
  | 'int'
  | 'long'
  | 'real'
  | 'decimal'
  | 'bool'
  | 'datetime'
  | 'timespan'
  | 'guid';

/** A parameter of a query: bound as a `let` statement in front of it. */
export interface ParameterDeclaration {
  readonly name: string;
  readonly type: ScalarType;
  /** A dynamic list of values of the type. Default false. */
  readonly list: boolean;
  readonly description?: string | undefined;
  /** Value when none is given; absent and `required` false: a null of the type. */
  readonly default?: unknown;
  readonly required: boolean;
  /** The only values allowed. */
  readonly allowed?: readonly unknown[] | undefined;
  /** Regular expression that the whole text of a string must match. */
  readonly pattern?: string | undefined;
  /** Lowest value allowed, inclusive, for numbers, datetimes and timespans. */
  readonly min?: unknown;
  readonly max?: unknown;
}
