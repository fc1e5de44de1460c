import { childrenOf, type Kusto, type KustoNode } from './language.ts';
import { type Names, tokenText } from './times.ts';

/** The way that rows take through a query, from the source to the answer. */
export interface Spine {
  /** What the rows come from: a table, a function, a join of several. */
  readonly source: KustoNode;
  /** The operators they pass, first to last. */
  readonly operators: readonly KustoNode[];
}

/** The names that `let` statements give to expressions; of several with one name, the last. */
export function namesOf(kusto: Kusto, statements: readonly KustoNode[]): Names {
  const names = new Map<string, KustoNode>();
  for (const statement of statements) {
    if (kusto.kindOf(statement) !== 'LetStatement') continue;
    const [, name, , expression] = childrenOf(statement);
    if (name && expression) names.set(tokenText(name), expression);
  }
  return names;
}

/** The statements of a query; separators are left out. */
export function statementsOf(kusto: Kusto, syntax: KustoNode): KustoNode[] {
  return childrenOf(syntax)
    .filter((child) => kusto.kindOf(child) === 'List')
    .flatMap(childrenOf)
    .map((element) =>
      kusto.kindOf(element) === 'SeparatedElement' ? (childrenOf(element)[0] ?? element) : element,
    );
}

/** Follows the left side of pipes and the names that stand for them. */
export function spineOf(kusto: Kusto, result: KustoNode, names: Names): Spine {
  const operators: KustoNode[] = [];
  let at = result;
  for (let steps = 0; steps < 1_000; steps += 1) {
    const kind = kusto.kindOf(at);
    const [first, second, third] = childrenOf(at);
    if (kind === 'PipeExpression' && first && third) {
      operators.unshift(third);
      at = first;
    } else if (kind === 'ParenthesizedExpression' && second) {
      at = second;
    } else {
      const meant = kind === 'NameReference' ? names.get(tokenText(at)) : undefined;
      if (meant === undefined) break;
      at = meant;
    }
  }
  return { source: at, operators };
}

/** The parts of a condition that must all hold. */
export function conjunctsOf(kusto: Kusto, condition: KustoNode): KustoNode[] {
  const kind = kusto.kindOf(condition);
  const [first, second, third] = childrenOf(condition);
  if (kind === 'AndExpression' && first && third) {
    return [...conjunctsOf(kusto, first), ...conjunctsOf(kusto, third)];
  }
  if (kind === 'ParenthesizedExpression' && second) return conjunctsOf(kusto, second);
  return [condition];
}

/** The condition of a `where`; undefined for another operator. */
export function conditionOf(kusto: Kusto, operator: KustoNode): KustoNode | undefined {
  return kusto.kindOf(operator) === 'FilterOperator' ? childrenOf(operator).at(-1) : undefined;
}
