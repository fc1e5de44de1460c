import type { Binding, Column, ColumnType } from '../binding.ts';
import { childrenOf, itemsOf, type Kusto, type KustoCode, type KustoNode } from './language.ts';
import { queryHash } from './query-hash.ts';
import { type RefusalOptions, refusalOf } from './refusal.ts';
import { gathersAll, rowBoundOf, timeOrderOf } from './row-bound.ts';
import { conditionOf, conjunctsOf, namesOf, type Spine, spineOf, statementsOf } from './spine.ts';
import { TIME_COLUMNS, timeLimitsOf } from './time-limits.ts';
import { createTimeReader, tokenText } from './times.ts';

const TYPES: ReadonlySet<string> = new Set<ColumnType>([
  'string',
  'long',
  'int',
  'datetime',
  'timespan',
  'bool',
  'real',
  'decimal',
  'guid',
  'dynamic',
]);

/** The language service takes seconds for brackets in thousands of brackets, only to refuse them. */
const MOST_BRACKETS = 1_000;
const TOO_DEEP = 'The query is nested too deeply. Fix syntax errors in your query.';

/** What there is to know of a query, or why it is refused. A text that the service throws at is refused as well. */
export function bindQuery(kusto: Kusto, query: string, options: RefusalOptions): Binding {
  if (bracketsDeep(query) > MOST_BRACKETS) return { ok: false, message: TOO_DEEP };
  try {
    return bind(kusto, kusto.analyze(query), options);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return { ok: false, message: TOO_DEEP };
  }
}

/** How many brackets are open at once, those in strings included: what is refused here is refused by far. */
function bracketsDeep(query: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of query) {
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

function bind(kusto: Kusto, code: KustoCode, options: RefusalOptions): Binding {
  const statements = statementsOf(kusto, code.Syntax);
  const message = refusalOf(kusto, code, statements, options);
  if (message !== undefined) return { ok: false, message };
  const names = namesOf(kusto, statements);
  const reader = createTimeReader(kusto, names);
  const result = statements.findLast((statement) => kusto.kindOf(statement) === 'ExpressionStatement');
  const expression = result && childrenOf(result)[0];
  if (expression === undefined) throw new Error('a query that passed has no result');
  const spine = spineOf(kusto, expression, names);
  const conditions = filtersAtSource(kusto, spine);
  return {
    ok: true,
    columns: columnsOf(code),
    hash: queryHash(kusto, reader, code.Syntax),
    limits: conditions.flatMap((condition) => timeLimitsOf(kusto, reader, condition) ?? []),
    rowBound: rowBoundOf(kusto, spine),
    gathers: gathersAll(kusto, spine),
    order: timeOrderOf(kusto, spine),
    timed: hasTime(spine.source),
    wanted: wantedOf(kusto, conditions),
  };
}

/** What the rows of the source must fulfil; a condition after rows are gathered speaks of something else. */
function filtersAtSource(kusto: Kusto, { operators }: Spine): KustoNode[] {
  const gathered = operators.findIndex((operator) =>
    ['SummarizeOperator', 'MakeSeriesOperator', 'CountOperator'].includes(kusto.kindOf(operator)),
  );
  return operators.slice(0, gathered < 0 ? undefined : gathered).flatMap((operator) => {
    const condition = conditionOf(kusto, operator);
    return condition === undefined ? [] : conjunctsOf(kusto, condition);
  });
}

/** A source that the service knows no columns of is taken to have a time. */
function hasTime({ ResultType }: KustoNode): boolean {
  const columns = ResultType?.Columns;
  return columns === undefined || itemsOf(columns).some(({ Name }) => TIME_COLUMNS.has(Name));
}

function columnsOf({ ResultType }: KustoCode): Column[] {
  return itemsOf(ResultType?.Columns ?? []).map(({ Name, Type }) => ({
    name: Name,
    type: TYPES.has(Type.Name) ? (Type.Name as ColumnType) : 'dynamic',
  }));
}

/** `ActionType == "X"`, `FileName in~ ("a", "b")`: rows with these values are what somebody hunts for. */
function wantedOf(kusto: Kusto, conditions: readonly KustoNode[]): Record<string, string[]> {
  const wanted: Record<string, string[]> = {};
  for (const condition of conditions) {
    if (!/^(Equal|EqualTilde|In|InCs)Expression$/.test(kusto.kindOf(condition))) continue;
    const [left, , right] = childrenOf(condition);
    if (left === undefined || right === undefined || kusto.kindOf(left) !== 'NameReference') continue;
    const values = textsOf(kusto, right);
    if (values.length > 0) wanted[tokenText(left)] = values;
  }
  return wanted;
}

/** The string literals directly in an expression or a list. */
function textsOf(kusto: Kusto, node: KustoNode): string[] {
  const kind = kusto.kindOf(node);
  if (kind === 'StringLiteralExpression') return [String(node.ConstantValue)];
  if (!['ExpressionList', 'List', 'SeparatedElement'].includes(kind)) return [];
  return childrenOf(node).flatMap((child) => textsOf(kusto, child));
}
