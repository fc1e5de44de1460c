import { found } from '../codes.ts';
import { HUNTING_TIME, WORKSPACE_TIME } from '../language.ts';
import { placeOf } from '../query-context.ts';
import { nearest } from '../suggest.ts';
import { columnsOfType, part } from '../tree.ts';
import type { Rule } from './rule.ts';

/** The result of a scheduled query has the columns that identify a finding, and the time at which it happened. */
export const findingColumns: Rule = ({ code, request, result }) => {
  const columns = columnsOfType(code.ResultType)?.map(({ Name }) => Name);
  if (request.findings === undefined || columns === undefined || result === undefined) return [];
  if (code.ResultType?.IsOpen) return [];
  const place = placeOf(part(result, 'Operator') ?? result);
  const missing = request.findings.keys
    .filter((key) => !columns.includes(key))
    .map((key) =>
      found('KQL106', place, `The key “${key}” is no column of the result.`, nearest(key, columns)),
    );
  if (columns.includes(HUNTING_TIME) || columns.includes(WORKSPACE_TIME)) return missing;
  const advice = `Findings without ${HUNTING_TIME} do not say when they happened: keep it, or summarize it by arg_max or max.`;
  return [...missing, found('KQL207', place, advice)];
};
