import { ANSWER_LIMITS, type Diagnostic } from '../../ports.ts';
import { found } from '../codes.ts';
import { kusto, type SyntaxElement } from '../kusto.ts';
import { HUNTING_TIME } from '../language.ts';
import { onEveryWay } from '../pipes.ts';
import { placeOf, type QueryContext, type TableName } from '../query-context.ts';
import { LARGE_TABLES } from '../table-facts.ts';
import { isKind, type Kind, nodesOf, part } from '../tree.ts';
import type { Rule } from './rule.ts';

const COMPARISONS: readonly Kind[] = [
  'BetweenExpression',
  'EqualExpression',
  'GreaterThanExpression',
  'GreaterThanOrEqualExpression',
  'LessThanExpression',
  'LessThanOrEqualExpression',
];
/** Operators after which there are, as a rule, far fewer rows. */
const REDUCING: readonly Kind[] = [
  'CountOperator',
  'DistinctOperator',
  'GetSchemaOperator',
  'JoinOperator',
  'MakeSeriesOperator',
  'ParseWhereOperator',
  'ReduceByOperator',
  'SampleDistinctOperator',
  'SampleOperator',
  'SummarizeOperator',
  'TakeOperator',
  'TopHittersOperator',
  'TopNestedOperator',
  'TopOperator',
];

/** Large tables that are read without a bound on time, as one finding. A schedule gives every table its bound. */
export const noTimeFilter: Rule = (context) => {
  if (context.request.findings !== undefined) return [];
  const unbound = largeTables(context).filter(
    ({ node }) => !onEveryWay(node, context, { operator: boundsReading, end: () => false }),
  );
  const [first] = unbound;
  if (first === undefined) return [];
  const tables = unbound.map(({ table }) => table).join(', ');
  const advice = `Put “| where ${HUNTING_TIME} > ago(…)” right behind the table.`;
  return [
    found(
      'KQL205',
      placeOf(first.node),
      `No filter on time for ${tables}: the call’s whole timespan is read. ${advice}`,
    ),
  ];
};

/** Rows of a large table that reach the result unfiltered, or a limit beyond what an answer holds. */
export const tooManyRows: Rule = (context) => [
  ...largeTables(context)
    .filter(
      ({ node }) =>
        !onEveryWay(node, context, {
          operator: reduces,
          end: (user) => !isKind(user, 'ExpressionStatement'),
        }),
    )
    .map(({ node, table }) => tooMany(node, `Every row of ${table} is in the result`)),
  ...limitBeyond(context.result),
];

/** `search`, `find` and `union *` that name no table. */
export const everyTable: Rule = ({ nodes }) =>
  nodes
    .filter((node) => readsEverything(node))
    .map((node) =>
      found('KQL211', placeOf(node.GetChild(0) ?? node), 'It reads every table there is: name the tables.'),
    );

/** Each once, where it is named first. */
function largeTables({ tableNames }: QueryContext): readonly TableName[] {
  return tableNames
    .filter(({ table, node }) => LARGE_TABLES.has(table) && node.SimpleName === table)
    .filter(({ table }, index, all) => all.findIndex((other) => other.table === table) === index);
}

/** A filter on time, or a `take`, which stops reading when it has enough. */
function boundsReading(operator: SyntaxElement): boolean {
  if (isKind(operator, 'TakeOperator')) return true;
  if (!isKind(operator, 'FilterOperator')) return false;
  return nodesOf(operator).some((node) => isKind(node, ...COMPARISONS) && nodesOf(node).some(isTimeColumn));
}

function isTimeColumn(node: SyntaxElement): boolean {
  const symbol = isKind(node, 'NameReference') ? node.ReferencedSymbol : undefined;
  return symbol instanceof kusto.Symbols.ColumnSymbol && symbol.Type?.Name === 'datetime';
}

function reduces(operator: SyntaxElement): boolean {
  if (isKind(operator, ...REDUCING)) return true;
  if (!isKind(operator, 'FilterOperator')) return false;
  // More than a bound on time: it looks at another column, or at a computed one.
  return nodesOf(operator).some((node) => isColumn(node) && !isTimeColumn(node));
}

function isColumn(node: SyntaxElement): boolean {
  return isKind(node, 'NameReference') && node.ReferencedSymbol instanceof kusto.Symbols.ColumnSymbol;
}

function limitBeyond(result: SyntaxElement | undefined): readonly Diagnostic[] {
  const last = part(result, 'Operator');
  if (last === undefined || !isKind(last, 'TakeOperator', 'TopOperator')) return [];
  const limit = Number(String(part(last, 'Expression')?.LiteralValue));
  return limit > ANSWER_LIMITS.rows
    ? [tooMany(last, `${limit.toLocaleString('en')} rows are asked for`)]
    : [];
}

const tooMany = (node: SyntaxElement, what: string): Diagnostic =>
  found(
    'KQL209',
    placeOf(node),
    `${what}, and an answer holds ${ANSWER_LIMITS.rows.toLocaleString('en')} at most. Filter, aggregate, or use take.`,
  );

function readsEverything(node: SyntaxElement): boolean {
  if (isKind(node, 'SearchOperator', 'FindOperator')) {
    // Behind a pipe `search` looks through what comes in.
    return part(node, 'InClause') === undefined && !isKind(node.Parent ?? undefined, 'PipeExpression');
  }
  return (
    isKind(node, 'NameReference') &&
    node.SimpleName === '*' &&
    isKind(node.Parent?.Parent?.Parent ?? undefined, 'UnionOperator')
  );
}
