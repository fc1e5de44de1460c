/** Forms of the report. */
export const FORMATS = ['text', 'json', 'junit', 'sarif', 'github'] as const;
export type FormatName = (typeof FORMATS)[number];

/** Something found in a file. Lines and columns from 1, columns in UTF-16 units, the end excluded. */
export interface Finding {
  /** Path as given or found, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** `KS142`, `KQL101`, `LIB203` … */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do, one line. */
  readonly message: string;
  /** Name that was probably meant. */
  readonly suggestion?: string | undefined;
  /** Id of the query that it is in, where it is in one. */
  readonly query?: string | undefined;
  /** The line, and what of it is meant, in UTF-16 units from 0. */
  readonly source?: { readonly line: string; readonly start: number; readonly length: number } | undefined;
  /** The same for the same finding when lines were put in elsewhere in the file. */
  readonly fingerprint: string;
}

/** A query that was checked. */
export interface CheckedQuery {
  readonly id: string;
  readonly file: string;
  /** Where its text begins. */
  readonly line: number;
  readonly findings: readonly Finding[];
}

/** A file that was checked: its queries, and what is wrong with itself. */
export interface CheckedFile {
  readonly file: string;
  readonly queries: readonly CheckedQuery[];
  readonly findings: readonly Finding[];
}

/** What came of all of it. Findings of the baseline are in `known` alone. */
export interface Totals {
  readonly files: number;
  readonly queries: number;
  readonly errors: number;
  readonly warnings: number;
  readonly known: number;
}

/** A form of the report: gives the text that belongs on stdout, file by file, and what comes at the end. */
export interface FindingsFormat {
  file(checked: CheckedFile): string;
  end(totals: Totals): string;
}

/** All findings of a file in the order of its lines. */
export function findingsOf({ queries, findings }: CheckedFile): readonly Finding[] {
  return [...findings, ...queries.flatMap((query) => query.findings)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  );
}
