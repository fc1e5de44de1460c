import type { Diagnostic } from '../ports.ts';
import { contextOf, nameAt, type QueryContext } from './query-context.ts';
import { serviceFindings } from './service-findings.ts';

/**
 * What is wrong behind a table that does not exist: the service knows no column of it, and so accepts all. The query
 * is bound once more as if each such name were the table that was probably meant.
 *
 * @param known what the service found in the query as it is
 */
export function behindUnknownTables(
  context: QueryContext,
  known: readonly Diagnostic[],
): readonly Diagnostic[] {
  const { request, language, text } = context;
  const tables = Object.fromEntries(
    known.flatMap(({ severity, start, length, suggestion = '' }) => {
      const columns = language.schema.tables[suggestion];
      // In a fuzzy union a table may be missing on purpose.
      return columns === undefined || severity !== 'error' ? [] : [[nameAt(text, start, length), columns]];
    }),
  );
  if (Object.keys(tables).length === 0) return [];
  const analysis = language.analyze(text, {
    parameters: request.parameters ?? [],
    wide: request.platform === 'sentinel',
    more: tables,
  });
  const told = new Set(known.map(placeAndCode));
  return serviceFindings(contextOf(request, language, analysis)).filter(
    (finding) => !told.has(placeAndCode(finding)),
  );
}

const placeAndCode = ({ code, start, length }: Diagnostic): string => `${code} ${start}+${length}`;
