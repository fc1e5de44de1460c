import type { Diagnostic } from '../ports.ts';
import { CODES, found } from './codes.ts';
import { type KustoDiagnostic, listOf, type SyntaxElement } from './kusto.ts';
import { nameAt, placeOf, type QueryContext } from './query-context.ts';
import { isElsewhere } from './rules/elsewhere.ts';
import { nearest } from './suggest.ts';
import { DEPRECATED, RENAMED_TABLES } from './table-facts.ts';
import { callOf, columnsOfType, isKind, part } from './tree.ts';

/** The service's codes for what is wrong with the form of a text: after the first of them the rest is guessing. */
const SYNTAX = new Set([
  'KS001',
  'KS002',
  'KS003',
  'KS004',
  'KS005',
  'KS006',
  'KS174',
  'KS175',
  'KS176',
  'KS198',
]);
const UNKNOWN_NAME = new Set(['KS142', 'KS204', 'KS205']);
const UNKNOWN_FUNCTION = new Set(['KS122', 'KS123', 'KS124', 'KS143', 'KS211']);
/** The service's own limits, under our codes. */
const LIMITS: Readonly<Record<string, 'KQL108' | 'KQL109' | 'KQL900'>> = {
  KS244: 'KQL108',
  KS245: 'KQL109',
  KS246: 'KQL900',
};

const OPERATORS = [
  'where',
  'extend',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
  'summarize',
  'distinct',
  'count',
  'join',
  'lookup',
  'union',
  'take',
  'limit',
  'top',
  'sort',
  'order',
  'parse',
  'parse-where',
  'parse-kv',
  'mv-expand',
  'mv-apply',
  'make-series',
  'evaluate',
  'invoke',
  'render',
  'sample',
  'serialize',
  'search',
  'find',
  'partition',
  'getschema',
];

/** What the language service itself finds, without what is known to be noise. Errors and warnings only. */
export function serviceFindings(context: QueryContext): readonly Diagnostic[] {
  const exempt = new Set([...bareColumnArguments(context), ...dynamicLiteralArguments(context)]);
  const outside = context.nodes.filter(isElsewhere).map(placeOf);
  const all = listOf<KustoDiagnostic>(context.code.GetDiagnostics())
    .filter(({ Severity }) => Severity === 'Error' || Severity === 'Warning')
    .filter(({ Start }) => !exempt.has(Start) && !insideAny(Start, outside))
    .sort((a, b) => a.Start - b.Start);
  const named = new Set(all.filter(({ Code }) => isUnknown(Code)).map(placeText));
  const told = all.filter((diagnostic) => isUnknown(diagnostic.Code) || !named.has(placeText(diagnostic)));
  const broken = told.findIndex(({ Code }) => SYNTAX.has(Code));
  const kept = broken < 0 ? told : told.slice(0, broken + 1);
  return kept.map((diagnostic) => findingOf(diagnostic, context));
}

function findingOf(diagnostic: KustoDiagnostic, context: QueryContext): Diagnostic {
  const { Code, Severity, Message, Start: start, Length: length } = diagnostic;
  const limit = LIMITS[Code];
  if (limit !== undefined) return found(limit, { start, length }, CODES[limit].help);
  const suggestion = suggestionFor(diagnostic, context);
  if (context.request.platform === 'sentinel' && isUnknown(Code)) {
    return found('KQL212', { start, length }, `${Message} A workspace may have it.`, suggestion);
  }
  return {
    code: Code,
    severity: Severity === 'Error' ? 'error' : 'warning',
    message: Message,
    start,
    length,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** An unknown name has no type either, and need not be told so. */
const placeText = ({ Start, Length }: KustoDiagnostic): string => `${Start}+${Length}`;

const isUnknown = (code: string): boolean => UNKNOWN_NAME.has(code) || UNKNOWN_FUNCTION.has(code);

function suggestionFor({ Code, Start, Length }: KustoDiagnostic, context: QueryContext): string | undefined {
  const word = nameAt(context.text, Start, Length);
  if (word === '') return undefined;
  if (Code === 'KS176') return nearest(word, OPERATORS);
  if (UNKNOWN_FUNCTION.has(Code)) {
    return nearest(word, [...context.language.functionNames, ...variableNames(context)]);
  }
  if (!UNKNOWN_NAME.has(Code)) return undefined;
  const columns = columnsOfType(context.code.GetColumnsInScope(Start)) ?? [];
  return (
    (columns.length === 0 ? RENAMED_TABLES[word] : undefined) ??
    nearest(word, [
      ...columns.map(({ Name }) => Name),
      ...variableNames(context),
      ...(columns.length === 0 ? tableNames(context) : []),
    ])
  );
}

const tableNames = ({ language }: QueryContext): readonly string[] =>
  Object.keys(language.schema.tables).filter((table) => !(table in DEPRECATED));

const variableNames = ({ nodes, request }: QueryContext): readonly string[] => [
  ...nodes
    .filter((node) => isKind(node, 'LetStatement'))
    .map((node) => part(node, 'Name')?.ReferencedSymbol?.Name ?? ''),
  ...(request.parameters ?? []).map(({ name }) => name),
];

/**
 * Where `invoke FileProfile(SHA1)` names a column of its table without quotes, as the documentation's own examples
 * do and the service takes, although the language does not know of it.
 */
function bareColumnArguments({ nodes, language }: QueryContext): ReadonlySet<number> {
  const starts = new Set<number>();
  for (const node of nodes) {
    if (!isKind(node, 'InvokeOperator')) continue;
    const call = part(node, 'Function');
    if (call === undefined || !isKind(call, 'FunctionCallExpression')) continue;
    const { name, args } = callOf(call);
    const declared = language.schema.functions[name]?.parameters ?? [];
    args.forEach((argument, index) => {
      if (declared[index]?.type === 'string' && isColumnOfInput(argument, node))
        starts.add(placeOf(argument).start);
    });
  }
  return starts;
}

/** Functions that take text or a dynamic value: https://learn.microsoft.com/kusto/query/parse-json-function */
const TAKES_DYNAMIC = new Set(['parse_json', 'parsejson', 'todynamic', 'toobject']);

/** Where `todynamic(dynamic(…))` stands, which the language takes for every dynamic value but a literal. */
function dynamicLiteralArguments({ nodes }: QueryContext): readonly number[] {
  return nodes.flatMap((node) => {
    if (!isKind(node, 'FunctionCallExpression')) return [];
    const { name, args } = callOf(node);
    const [argument] = args;
    const isDynamic = argument?.IsLiteral === true && argument.ResultType?.Name === 'dynamic';
    return isDynamic && TAKES_DYNAMIC.has(name) ? [placeOf(argument).start] : [];
  });
}

function isColumnOfInput(argument: SyntaxElement, operator: SyntaxElement): boolean {
  if (!isKind(argument, 'NameReference')) return false;
  const input = part(operator.Parent ?? undefined, 'Expression');
  return (columnsOfType(input?.ResultType) ?? []).some(({ Name }) => Name === argument.SimpleName);
}

/** What a call to elsewhere cannot be bound to is said by one finding of ours. */
const insideAny = (
  offset: number,
  places: readonly { readonly start: number; readonly length: number }[],
): boolean => places.some(({ start, length }) => offset >= start && offset < start + length);
