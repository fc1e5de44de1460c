import type { CheckRequest, CheckResult, Column } from '../ports.ts';
import { behindUnknownTables } from './behind-unknown-tables.ts';
import { clockCallsOf } from './clock-calls.ts';
import { unfit } from './guard.ts';
import { type KustoDiagnostic, listOf } from './kusto.ts';
import { type Analysis, createLanguage, type Language, WORKSPACE_TIME } from './language.ts';
import { contextOf, type QueryContext } from './query-context.ts';
import { ADVICE, RULES } from './rules/all.ts';
import { command, oneQuery } from './rules/one-query.ts';
import type { HuntingSchema } from './schema.ts';
import { serviceFindings } from './service-findings.ts';
import { slicingOf } from './slicing.ts';
import { columnsOfType } from './tree.ts';
import { uncheckable } from './unchecked.ts';

/**
 * Makes the check of one query, in this thread. May throw, run long or take all memory for some texts: that is what
 * the worker of {@link createKqlService} is for.
 */
export function createChecker(schema: HuntingSchema): (request: CheckRequest) => CheckResult {
  const language = createLanguage(schema);
  const onlyWide = namesOnlyInWide(schema);
  return (request) => {
    const reason = unfit(request.text) ?? command(request.text);
    if (reason !== undefined) return uncheckable([reason]);
    const context = contextOf(request, language, analyze(request, language, onlyWide));
    const form = oneQuery(context);
    return form.length > 0 ? uncheckable(form) : resultOf(context);
  };
}

/**
 * Bound against the documented schema first, so that its columns alone are in the result; once more with everything
 * that is known to work where the query names something of that.
 */
function analyze(
  { text, parameters = [], platform }: CheckRequest,
  language: Language,
  onlyWide: ReadonlySet<string>,
): Analysis {
  if (platform === 'sentinel') return language.analyze(text, { parameters, wide: true });
  const narrow = language.analyze(text, { parameters, wide: false });
  const missing = listOf<KustoDiagnostic>(narrow.code.GetDiagnostics()).some(({ Start, Length }) =>
    onlyWide.has(text.slice(Start, Start + Length)),
  );
  return missing ? language.analyze(text, { parameters, wide: true }) : narrow;
}

function namesOnlyInWide({ undocumentedColumns, undocumentedTables }: HuntingSchema): ReadonlySet<string> {
  return new Set([
    WORKSPACE_TIME,
    ...Object.keys(undocumentedTables),
    ...Object.values(undocumentedColumns).flatMap((columns) => Object.keys(columns)),
  ]);
}

function resultOf(context: QueryContext): CheckResult {
  const service = serviceFindings(context);
  const facts = [
    ...service,
    ...behindUnknownTables(context, service),
    ...RULES.flatMap((rule) => rule(context)),
  ];
  const broken = facts.some(({ severity }) => severity === 'error');
  const diagnostics = broken ? facts : [...facts, ...ADVICE.flatMap((rule) => rule(context))];
  const type = context.code.ResultType;
  return {
    diagnostics: diagnostics.sort((a, b) => a.start - b.start),
    columns: (columnsOfType(type) ?? []).map(
      ({ Name, Type }): Column => ({ name: Name, type: Type?.Name ?? 'dynamic' }),
    ),
    columnsComplete: !broken && type?.Columns !== undefined && type.IsOpen !== true,
    tables: [...new Set(context.tableNames.map(({ table }) => table))],
    slicing: broken ? { possible: false, reason: 'the query has errors' } : slicingOf(context),
    clockCalls: clockCallsOf(context),
  };
}
