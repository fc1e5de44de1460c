import { type KustoSymbol, kusto, type SyntaxElement } from './kusto.ts';
import type { QueryContext } from './query-context.ts';
import { isKind, part } from './tree.ts';

/** What to ask of the ways that a table's rows take. */
export interface WayQuestion {
  /** One operator on each way is enough. */
  readonly operator: (operator: SyntaxElement) => boolean;
  /** For a way without one: the answer at its end, where the rows become the result or are used by something else. */
  readonly end: (user: SyntaxElement) => boolean;
}

/**
 * Follows the rows of an expression down its pipe, through unions and through every use of a `let` variable. True
 * when every way says yes.
 */
export function onEveryWay(expression: SyntaxElement, context: QueryContext, question: WayQuestion): boolean {
  const known = new Map<KustoSymbol, boolean>();

  function follow(from: SyntaxElement): boolean {
    let node = from;
    for (;;) {
      const user = userOf(node);
      if (user === undefined) return true;
      if (isKind(user, 'LetStatement'))
        return throughVariable(part(user, 'Name')?.ReferencedSymbol ?? undefined);
      const operator = isKind(user, 'PipeExpression') ? part(user, 'Operator') : undefined;
      if (operator !== undefined && operator !== node && question.operator(operator)) return true;
      if (operator === undefined && !passesOn(user)) return question.end(user);
      node = user;
    }
  }

  function throughVariable(symbol: KustoSymbol | undefined): boolean {
    if (symbol === undefined) return true;
    const answer = known.get(symbol);
    if (answer !== undefined) return answer;
    const answered = context.nodes
      .filter((node) => isKind(node, 'NameReference') && node.ReferencedSymbol === symbol)
      .every(follow);
    known.set(symbol, answered);
    return answered;
  }

  return follow(expression);
}

const LISTS = new Set<unknown>([kusto.Syntax.SyntaxKind.List, kusto.Syntax.SyntaxKind.SeparatedElement]);

/** What stands around an expression, lists left out. */
function userOf(node: SyntaxElement): SyntaxElement | undefined {
  let user = node.Parent;
  while (user !== null && LISTS.has(user.Kind)) user = user.Parent;
  return user ?? undefined;
}

const passesOn = (user: SyntaxElement): boolean =>
  isKind(user, 'ParenthesizedExpression', 'MaterializeExpression', 'UnionOperator');
