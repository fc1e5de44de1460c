import type { Slicing } from '../ports.ts';
import { kusto, type SyntaxElement } from './kusto.ts';
import { HUNTING_TIME, WORKSPACE_TIME } from './language.ts';
import type { QueryContext } from './query-context.ts';
import { callOf, isKind, type Kind, kindName, nodesOf, part, statementsOf } from './tree.ts';

/**
 * Operators that look at one row at a time, so that the answer for two spans together is the answers for each of
 * them put together. `sort` and `render` change no row; the order of a sliced result is not promised.
 */
const ROW_BY_ROW: readonly Kind[] = [
  'FilterOperator',
  'ExtendOperator',
  'ProjectOperator',
  'ProjectAwayOperator',
  'ProjectKeepOperator',
  'ProjectRenameOperator',
  'ProjectReorderOperator',
  'ParseOperator',
  'ParseWhereOperator',
  'ParseKvOperator',
  'MvExpandOperator',
  'MvApplyOperator',
  'SortOperator',
  'RenderOperator',
];

/**
 * Kinds of join that keep, drop or widen each row of the left side by itself while the right side stays the same.
 * Not the default one, `innerunique`, which keeps one left row a key, nor those that give rows of the right side.
 */
const ROW_BY_ROW_JOINS = new Set(['inner', 'leftouter', 'leftsemi', 'leftanti', 'anti', 'leftantisemi']);

/** Functions that look at other rows, or at nothing that a row has. */
const NOT_OF_THE_ROW = /^(row_(number|cumsum|rank_\w+|window_session)|prev|next|rand|new_guid|cursor_\w+)$/;

/** What brings rows from outside, or rows by chance: they may differ between two slices. */
const OUTSIDE: readonly Kind[] = [
  'EvaluateOperator',
  'ExternalDataExpression',
  'FindOperator',
  'InvokeOperator',
  'SampleDistinctOperator',
  'SampleOperator',
  'SearchOperator',
];

const no = (reason: string): Slicing => ({ possible: false, reason });

/** Whether, and where, a span of time can be put into the query so that slices of it add up exactly. */
export function slicingOf(context: QueryContext): Slicing {
  const { tableNames, result, language } = context;
  const [source, ...more] = tableNames;
  if (result === undefined || source === undefined) return no('it reads no table');
  if (more.length > 0)
    return no(`it reads several sources: ${tableNames.map(({ table }) => table).join(', ')}`);
  const objection = objectionTo(context) ?? alongThePipe(result, source.node, context);
  if (objection !== undefined) return no(objection);
  const columns = language.schema.tables[source.table] ?? {};
  const workspace = context.request.platform === 'sentinel';
  const column = (workspace ? [WORKSPACE_TIME, HUNTING_TIME] : [HUNTING_TIME]).find(
    (name) => columns[name] === 'datetime',
  );
  if (column === undefined) return no(`${source.table} has no time column`);
  return { possible: true, column, table: source.table, insertAt: source.node.TextStart + source.node.Width };
}

/** What anywhere in the query makes its answer depend on more than single rows. */
function objectionTo({ root, nodes, language }: QueryContext): string | undefined {
  const statement = statementsOf(root).find((node) => !isKind(node, 'LetStatement', 'ExpressionStatement'));
  if (statement !== undefined) return `${kindName(statement)} is not followed`;
  for (const node of nodes) {
    if (isKind(node, ...OUTSIDE)) return `it has ${wordsOf(node)}`;
    if (!isKind(node, 'FunctionCallExpression')) continue;
    const { name } = callOf(node);
    if (NOT_OF_THE_ROW.test(name)) return `${name}() does not depend on single rows alone`;
    if (Object.hasOwn(language.schema.functions, name)) return `${name}() brings rows of its own`;
  }
  return undefined;
}

/** Follows the result back to the table. */
function alongThePipe(
  expression: SyntaxElement,
  source: SyntaxElement,
  context: QueryContext,
): string | undefined {
  if (expression === source) return undefined;
  if (isKind(expression, 'ParenthesizedExpression', 'MaterializeExpression')) {
    const inner = part(expression, 'Expression');
    return inner === undefined ? 'it is not whole' : alongThePipe(inner, source, context);
  }
  if (isKind(expression, 'NameReference')) return throughVariable(expression, source, context);
  if (!isKind(expression, 'PipeExpression')) return `it has ${wordsOf(expression)} between table and result`;
  const operator = part(expression, 'Operator');
  const input = part(expression, 'Expression');
  if (operator === undefined || input === undefined) return 'it is not whole';
  return operatorObjection(operator) ?? alongThePipe(input, source, context);
}

/** `let T = DeviceEvents | …; T | …`, where T is used this once. */
function throughVariable(
  reference: SyntaxElement,
  source: SyntaxElement,
  context: QueryContext,
): string | undefined {
  const symbol = reference.ReferencedSymbol;
  if (!(symbol instanceof kusto.Symbols.VariableSymbol))
    return 'its result does not come from the table alone';
  const uses = context.nodes.filter(
    (node) => isKind(node, 'NameReference') && node.ReferencedSymbol === symbol,
  );
  if (uses.length > 1) return `“${symbol.Name}” is used more than once`;
  const statement = context.nodes.find(
    (node) => isKind(node, 'LetStatement') && part(node, 'Name')?.ReferencedSymbol === symbol,
  );
  const definition = part(statement, 'Expression');
  return definition === undefined
    ? `“${symbol.Name}” is not followed`
    : alongThePipe(definition, source, context);
}

function operatorObjection(operator: SyntaxElement): string | undefined {
  if (isKind(operator, ...ROW_BY_ROW)) return undefined;
  // The right side is no table of the service: there is only one in the query, and the pipe leads to it.
  if (isKind(operator, 'LookupOperator')) return undefined;
  if (!isKind(operator, 'JoinOperator')) return `${wordsOf(operator)} looks at more than one row`;
  const kind = joinKindOf(operator);
  return ROW_BY_ROW_JOINS.has(kind) ? undefined : `a join of kind ${kind} looks at more than one row`;
}

function joinKindOf(join: SyntaxElement): string {
  const parameters = part(join, 'Parameters');
  const kind = (parameters === undefined ? [] : nodesOf(parameters)).find(
    (node) =>
      part(node, 'Name')?.SimpleName === 'kind' || part(part(node, 'Name'), 'Name')?.SimpleName === 'kind',
  );
  return part(kind, 'Expression')?.GetChild(0)?.Text ?? 'innerunique';
}

/** `SummarizeOperator` as `summarize`: its first word. */
function wordsOf(node: SyntaxElement): string {
  const first = node.GetChild(0);
  return first?.IsToken && first.Text ? `“${first.Text}”` : kindName(node);
}
