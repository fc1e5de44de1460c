import type { Diagnostic } from '../ports.ts';

/** One thing that Outrider itself finds in queries, beside what Microsoft's language service says (`KS…`). */
export interface KqlCode {
  readonly severity: Diagnostic['severity'];
  readonly title: string;
  /** Why it matters and what to do: a sentence or two of the documentation page. */
  readonly help: string;
}

/** Every code of ours. `KQL1..` are errors: the query is not sent. `KQL2..` are warnings. */
export const CODES = {
  KQL101: {
    severity: 'error',
    title: 'There is no query',
    help: 'The text is empty, or holds only comments and `let` statements. A query ends with an expression that gives a table.',
  },
  KQL102: {
    severity: 'error',
    title: 'A management command',
    help: 'What begins with a dot (`.show tables`) is a command of Kusto. Hunting runs queries only.',
  },
  KQL103: {
    severity: 'error',
    title: 'Several queries in one text',
    help: 'The service answers one query a call. Put each into an entry of its own.',
  },
  KQL104: {
    severity: 'error',
    title: 'Data of elsewhere',
    help: '`cluster()`, `database()`, `workspace()`, `app()`, `adx()` and `arg()` reach outside the tenant’s hunting data. For a query with `platform: sentinel` it is a warning: what it reads there cannot be checked.',
  },
  KQL105: {
    severity: 'error',
    title: 'A parameter declared twice',
    help: 'Parameters are bound as `let` statements in front of the query, so that the query must not have a `let` of the same name.',
  },
  KQL106: {
    severity: 'error',
    title: 'A key that is no output column',
    help: 'The keys of a query identify its findings, and have to be columns of its result.',
  },
  KQL107: {
    severity: 'error',
    title: 'A character that is no text',
    help: 'A null character or half of a UTF-16 pair: as a rule the file is in another encoding. Save it as UTF-8.',
  },
  KQL108: {
    severity: 'error',
    title: 'Too large to be checked',
    help: 'A query may have 500,000 characters. Long lists belong into a parameter or `externaldata`.',
  },
  KQL109: {
    severity: 'error',
    title: 'Nested too deeply to be checked',
    help: 'Brackets, or operators in one chain, are nested deeper than the language service follows. Use `in (…)` or `has_any (…)` instead of long chains of `or`.',
  },
  KQL110: {
    severity: 'error',
    title: 'An entity or custom detail that is no output column',
    help: 'The entities and custom details of a query say what its columns are, and have to name columns of its result: what reads its findings would miss them.',
  },
  KQL201: {
    severity: 'warning',
    title: 'It reads from the web',
    help: '`externaldata` is allowed, but whoever controls that host decides what the query finds.',
  },
  KQL202: {
    severity: 'warning',
    title: 'An undocumented column',
    help: 'It works today, and is on no page of the documentation: it may change without notice.',
  },
  KQL203: {
    severity: 'warning',
    title: 'An undocumented table',
    help: 'It works today, and is on no page of the documentation: it may change without notice.',
  },
  KQL204: {
    severity: 'warning',
    title: 'A table that is being retired',
    help: 'Use its successor.',
  },
  KQL205: {
    severity: 'warning',
    title: 'No filter on time',
    help: 'A large table is read over the whole timespan of the call: 30 days where none is given. `where Timestamp > ago(…)` right behind the table is the cheapest filter there is. Not asked for where a schedule gives the timespan.',
  },
  KQL206: {
    severity: 'warning',
    title: 'Text compared with a number',
    help: 'The service refuses to compare a string with a number, or finds nothing. Convert one side: `toint(…)`, `tostring(…)`.',
  },
  KQL207: {
    severity: 'warning',
    title: 'Findings without a time',
    help: 'A scheduled query tells new findings from old ones; without Timestamp in its result nobody sees when they happened.',
  },
  KQL208: {
    severity: 'warning',
    title: '`contains` where `has` would do',
    help: '`has` looks whole words up in the index; `contains` reads every character of every row. Keep `contains` where the text is to be found inside of words.',
  },
  KQL209: {
    severity: 'warning',
    title: 'More rows than an answer holds',
    help: 'An answer ends at 100,000 rows or 50 MB. Filter, aggregate, or use `take`.',
  },
  KQL210: {
    severity: 'warning',
    title: 'TimeGenerated outside a workspace',
    help: 'Only a tenant whose Sentinel workspace is joined to the Defender portal has this column. Use Timestamp, or say `platform: sentinel`.',
  },
  KQL211: {
    severity: 'warning',
    title: 'It reads every table',
    help: '`search`, `find` and `union *` without names of tables read all there are. Name the tables.',
  },
  KQL212: {
    severity: 'warning',
    title: 'Not in the schema',
    help: 'A query for a Sentinel workspace names a table, column or function that the hunting schema does not have. The workspace may have it; give its schema by `--schema` to have it checked.',
  },
  KQL900: {
    severity: 'error',
    title: 'The checker failed',
    help: 'The language service itself failed on this query, took too long, or ran out of memory. The query was not checked; the others were.',
  },
} as const satisfies Readonly<Record<string, KqlCode>>;

export type OwnCode = keyof typeof CODES;

/** A place in a query's text, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly length: number;
}

/** A finding of ours. */
export function found(code: OwnCode, place: Place, message: string, suggestion?: string): Diagnostic {
  return {
    code,
    severity: CODES[code].severity,
    message,
    start: place.start,
    length: place.length,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
