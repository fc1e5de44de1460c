import { found } from '../codes.ts';
import { placeOf } from '../query-context.ts';
import { isKind, nodesOf, part } from '../tree.ts';
import type { Rule } from './rule.ts';

/** Shorter words are not in the index: https://learn.microsoft.com/kusto/query/datatypes-string-operators */
const SHORTEST_TERM = 4;
const WORD = new RegExp(`^[A-Za-z0-9]{${SHORTEST_TERM},}$`);

/** `contains` with one whole word, in a filter: elsewhere no index is used. */
export const containsAWord: Rule = ({ nodes }) =>
  nodes
    .filter((node) => isKind(node, 'FilterOperator'))
    .flatMap(nodesOf)
    .flatMap((node) => {
      if (!isKind(node, 'ContainsExpression')) return [];
      const [operator, right] = [part(node, 'Operator'), part(node, 'Right')];
      if (operator === undefined || right === undefined || !isKind(right, 'StringLiteralExpression'))
        return [];
      if (typeof right.LiteralValue !== 'string' || !WORD.test(right.LiteralValue)) return [];
      const message = `has "${right.LiteralValue}" looks the word up in the index, where contains reads every row whole.`;
      return [found('KQL208', placeOf(operator), message, 'has')];
    });
