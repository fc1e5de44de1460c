/** A scalar type of KQL. */
export type ColumnType =
  | 'string'
  | 'long'
  | 'int'
  | 'datetime'
  | 'timespan'
  | 'bool'
  | 'real'
  | 'decimal'
  | 'guid'
  | 'dynamic';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** A moment as a query writes it; `now()` is the service's own at the time of the run. */
export type TimeValue =
  | { readonly kind: 'fixed'; readonly ticks: bigint }
  | { readonly kind: 'now' }
  | { readonly kind: 'shift'; readonly of: TimeValue; readonly by: bigint }
  | { readonly kind: 'startOfDay'; readonly of: TimeValue };

/** A comparison of the time column with a moment. */
export interface TimeLimit {
  readonly side: 'from' | 'to';
  /** Whether the moment itself belongs to the span. */
  readonly inclusive: boolean;
  readonly at: TimeValue;
}

/** What the service has found out about a good query. */
export interface BoundQuery {
  readonly ok: true;
  readonly columns: readonly Column[];
  /**
   * Names the query whatever its span: 16 hexadecimal digits of a hash over its tokens without comparisons of the
   * time column, with any moment reading alike. Blanks and comments do not count.
   */
  readonly hash: string;
  /** Where the query itself limits the time of the rows it begins with. */
  readonly limits: readonly TimeLimit[];
  /** Most rows by `take`, `top`, `count` and the like; null: any number. */
  readonly rowBound: number | null;
  /** Whether it gathers all rows into one, as `count` does. */
  readonly gathers: boolean;
  /** The order by time that the query asks for. */
  readonly order: 'oldest' | 'newest' | null;
  /** Whether the rows it begins with have a time. */
  readonly timed: boolean;
  /** Values that the query compares its columns with, by column. */
  readonly wanted: Readonly<Record<string, readonly string[]>>;
}

/** Why Defender would not run a query. */
export interface RefusedQuery {
  readonly ok: false;
  readonly message: string;
}

export type Binding = BoundQuery | RefusedQuery;
