import type { TextFault } from '../../errors.ts';
import { createLineIndex } from '../library/positions.ts';
import type { CheckResult, Column, Diagnostic } from '../ports.ts';

/** What the check says of a query, for people and programs that have its text. */
export interface ShownCheck {
  /** Without errors: it may be run. */
  readonly ok: boolean;
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly TextFault[];
  /** Output columns. */
  readonly columns: readonly Column[];
  /** False when the output may hold more columns than can be known beforehand. */
  readonly columnsComplete: boolean;
  /** Tables that the query reads. */
  readonly tables: readonly string[];
  /** Whether a large result can be read in slices of time, and why not. */
  readonly slicing: { readonly possible: boolean; readonly reason?: string };
}

export function shownCheck(text: string, check: CheckResult): ShownCheck {
  const { diagnostics, columns, columnsComplete, tables, slicing } = check;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return {
    ok: errors === 0,
    errors,
    warnings: diagnostics.length - errors,
    diagnostics: placedIn(text, diagnostics),
    columns,
    columnsComplete,
    tables,
    slicing: slicing.possible ? { possible: true } : { possible: false, reason: slicing.reason },
  };
}

/**
 * Diagnostics with their places in the text.
 *
 * @param skip what was put in front of the text when it was checked, in UTF-16 units
 */
export function placedIn(text: string, diagnostics: readonly Diagnostic[], skip = 0): TextFault[] {
  const positionOf = createLineIndex(text);
  const within = (offset: number): number => Math.min(Math.max(0, offset - skip), text.length);
  return diagnostics.map(({ code, severity, message, start, length, suggestion }) => {
    const { line, column } = positionOf(within(start));
    const end = positionOf(within(start + length));
    return {
      code,
      severity,
      message,
      line,
      column,
      endLine: end.line,
      endColumn: end.column,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  });
}
