import { found, type OwnCode, type Place } from '../codes.ts';
import { HUNTING_TIME, WORKSPACE_TIME } from '../language.ts';
import { placeOf, type QueryContext } from '../query-context.ts';
import { nearest } from '../suggest.ts';
import { columnsOfType, part } from '../tree.ts';
import type { Rule } from './rule.ts';

/** The result of a scheduled query has the columns that identify a finding, and the time at which it happened. */
export const findingColumns: Rule = ({ request, ...query }) => {
  const known = resultOf(query);
  if (request.findings === undefined || known === undefined) return [];
  const { columns, place } = known;
  const missing = request.findings.keys.flatMap((key) =>
    missingColumn('KQL106', known, key, `The key “${key}”`),
  );
  if (columns.includes(HUNTING_TIME) || columns.includes(WORKSPACE_TIME)) return missing;
  const advice = `Findings without ${HUNTING_TIME} do not say when they happened: keep it, or summarize it by arg_max or max.`;
  return [...missing, found('KQL207', place, advice)];
};

/** What the query's entry says of its columns is said of columns that it has. */
export const namedColumns: Rule = ({ request: { namedColumns: named = [] }, ...query }) => {
  const known = resultOf(query);
  if (known === undefined) return [];
  return named.flatMap(({ column, as }) =>
    missingColumn('KQL110', known, column, `The column “${column}” of ${as}`),
  );
};

interface Result {
  readonly columns: readonly string[];
  readonly place: Place;
}

/** Undefined where the columns cannot be known. */
function resultOf({ code, result }: Pick<QueryContext, 'code' | 'result'>): Result | undefined {
  const columns = columnsOfType(code.ResultType)?.map(({ Name }) => Name);
  if (columns === undefined || result === undefined || code.ResultType?.IsOpen) return undefined;
  return { columns, place: placeOf(part(result, 'Operator') ?? result) };
}

function missingColumn(code: OwnCode, { columns, place }: Result, name: string, what: string) {
  if (columns.includes(name)) return [];
  return [found(code, place, `${what} is no column of the result.`, nearest(name, columns))];
}
