import {
  childrenOf,
  itemsOf,
  type Kusto,
  type KustoCode,
  type KustoDiagnostic,
  type KustoNode,
} from './language.ts';
import { tokenText } from './times.ts';

export interface RefusalOptions {
  /** Whether comparing a string column with a number is refused. */
  readonly strictTypes: boolean;
}

const SYNTAX = 'Fix syntax errors in your query.';
const SEMANTIC = 'Fix semantic errors in your query.';
const NUMBERS: ReadonlySet<string> = new Set(['int', 'long', 'real', 'decimal']);
const COMPARING = /^(Equal|NotEqual|LessThan|LessThanOrEqual|GreaterThan|GreaterThanOrEqual)Expression$/;

/**
 * Why Defender would not run a query; undefined when it would. The sentences at the end, and the texts for what
 * cannot be resolved, are those that people have published; the rest is in the words of the language service.
 */
export function refusalOf(
  kusto: Kusto,
  code: KustoCode,
  statements: readonly KustoNode[],
  { strictTypes }: RefusalOptions,
): string | undefined {
  if (code.Kind !== 'Query') {
    return `A management command or directive cannot be run here. ${SYNTAX}`;
  }
  const [syntax] = itemsOf(code.GetSyntaxDiagnostics());
  if (syntax) return `${syntax.Message}. ${SYNTAX}`;
  const nodes = allNodes(code.Syntax);
  const away = nodes.find((node) => isElsewhere(kusto, node));
  if (away) return `Access to ${tokenText(away)}() is not allowed in advanced hunting. ${SEMANTIC}`;
  const fault = itemsOf(code.GetDiagnostics()).find(
    (diagnostic) =>
      diagnostic.Severity === 'Error' &&
      !isFileColumn(kusto, nodes, diagnostic) &&
      !isDynamicLiteral(kusto, nodes, diagnostic),
  );
  if (fault) return semanticText(kusto, nodes, fault);
  const results = statements.filter((statement) => kusto.kindOf(statement) === 'ExpressionStatement');
  if (results.length > 1) return `Only one tabular statement is expected in a query. ${SEMANTIC}`;
  if (results.length === 0 || code.ResultType?.Kind !== kusto.symbolKinds.Table) {
    return `The query has no tabular expression statement. ${SYNTAX}`;
  }
  const mixed = strictTypes ? nodes.find((node) => comparesTextWithNumber(kusto, node)) : undefined;
  return mixed && `Cannot compare values of types string and number. Try adding explicit casts. ${SEMANTIC}`;
}

function semanticText(
  kusto: Kusto,
  nodes: readonly KustoNode[],
  { Code, Message, Start, Length }: KustoDiagnostic,
): string {
  const name = /'([^']+)'/.exec(Message)?.[1];
  if (name === undefined) return `${Message} ${SEMANTIC}`;
  if (Code === 'KS211') return `The query has a semantic error: Unknown function: '${name}'. ${SEMANTIC}`;
  const operator = operatorAt(kusto, nodes, Start, Start + Length, Code === 'KS204');
  const where = operator === undefined ? '' : `'${operator}' operator: `;
  if (Code === 'KS204')
    return `${where}Failed to resolve table or column expression named '${name}'. ${SEMANTIC}`;
  if (Code === 'KS142' || Code === 'KS109') {
    return `${where}Failed to resolve scalar expression named '${name}'. ${SEMANTIC}`;
  }
  return `${Message} ${SEMANTIC}`;
}

/** The keyword of the operator that a place lies in; for a table, of the first one that its rows go to. */
function operatorAt(
  kusto: Kusto,
  nodes: readonly KustoNode[],
  start: number,
  end: number,
  isTable: boolean,
): string | undefined {
  const around = nodes.filter((node) => node.TextStart <= start && node.End >= end);
  const operator = isTable
    ? childrenOf(around.findLast((node) => kusto.kindOf(node) === 'PipeExpression') ?? NO_NODE)[2]
    : around.findLast((node) => kusto.kindOf(node).endsWith('Operator'));
  return operator && tokenText(operator);
}

const NO_NODE: KustoNode = { Kind: -1, TextStart: 0, End: 0, ChildCount: 0, GetChild: () => null };

/** `invoke FileProfile(SHA1)`: the service takes the bare name of a column, which the language service does not. */
function isFileColumn(
  kusto: Kusto,
  nodes: readonly KustoNode[],
  { Start, Length }: KustoDiagnostic,
): boolean {
  return nodes.some((node) => {
    if (kusto.kindOf(node) !== 'InvokeOperator' || node.TextStart > Start || node.End < Start + Length) {
      return false;
    }
    const call = childrenOf(node)[1];
    return call !== undefined && tokenText(call) === 'FileProfile' && Start > call.TextStart;
  });
}

/** `todynamic(dynamic({}))`: a value that is dynamic is taken as it is [learn: parse-json-function]. */
function isDynamicLiteral(kusto: Kusto, nodes: readonly KustoNode[], { Start }: KustoDiagnostic): boolean {
  return nodes.some(
    (node) =>
      kusto.kindOf(node) === 'FunctionCallExpression' &&
      /^(?:parse_?json|todynamic|toobject)$/.test(tokenText(node)) &&
      node.TextStart < Start &&
      nodes.some(
        (inner) =>
          inner.TextStart === Start && inner.End <= node.End && kusto.kindOf(inner) === 'DynamicExpression',
      ),
  );
}

function isElsewhere(kusto: Kusto, node: KustoNode): boolean {
  return (
    kusto.kindOf(node) === 'FunctionCallExpression' &&
    ['cluster', 'database', 'workspace'].includes(tokenText(node).toLowerCase())
  );
}

function comparesTextWithNumber(kusto: Kusto, node: KustoNode): boolean {
  if (!COMPARING.test(kusto.kindOf(node))) return false;
  const [left, , right] = childrenOf(node);
  const types = [left?.ResultType?.Name ?? '', right?.ResultType?.Name ?? ''];
  return types.includes('string') && types.some((type) => NUMBERS.has(type));
}

/** A node and all below it, outer ones first. */
function allNodes(node: KustoNode): KustoNode[] {
  const found: KustoNode[] = [];
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    waiting.push(...childrenOf(next).reverse());
  }
  return found;
}
