import type { CheckResult, Diagnostic } from '../ports.ts';

/** The answer where a query could not be bound. */
export function uncheckable(diagnostics: readonly Diagnostic[]): CheckResult {
  return {
    diagnostics,
    columns: [],
    columnsComplete: false,
    tables: [],
    slicing: { possible: false, reason: 'the query has errors' },
    clockCalls: [],
  };
}
