import { createChecker } from '../../../shared/hunting/kql/checker.ts';
import { huntingSchema } from '../../../shared/hunting/kql/default-schema.ts';
import type { CheckRequest, CheckResult } from '../../../shared/hunting/ports.ts';

/** The check in this thread, with the schema of advanced hunting. */
export const check = createChecker(huntingSchema());
// The first query of all takes a second or two, which is no test's own.
check({ text: 'print 1' });

/** What is found in a text: `code severity "the text it points at"`. */
export function findingsIn(text: string, how: Omit<CheckRequest, 'text'> = {}): readonly string[] {
  return shown(text, check({ text, ...how }));
}

export function shown(text: string, { diagnostics }: CheckResult): readonly string[] {
  return diagnostics.map(
    ({ code, severity, start, length, suggestion }) =>
      `${code} ${severity} ${JSON.stringify(text.slice(start, start + length))}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  );
}
