import { found } from '../codes.ts';
import type { SyntaxElement } from '../kusto.ts';
import { placeOf } from '../query-context.ts';
import { isKind, listPart, part } from '../tree.ts';
import type { Rule } from './rule.ts';

const NUMBERS = new Set(['int', 'long', 'real', 'decimal']);

/** `==`, `!=` and `in` between a string and a number, which the language service lets pass. */
export const textAgainstNumber: Rule = ({ nodes }) =>
  nodes.flatMap((node) => {
    const left = typeOf(part(node, 'Left'));
    const right = comparedWith(node)
      .map(typeOf)
      .find((type) => numberOf(left, type) !== undefined);
    const number = numberOf(left, right);
    if (number === undefined) return [];
    const message = `A ${left} is compared with a ${right}: convert one of them, by tostring() or to${number}().`;
    return [found('KQL206', placeOf(node), message)];
  });

function comparedWith(node: SyntaxElement): readonly (SyntaxElement | undefined)[] {
  if (isKind(node, 'EqualExpression', 'NotEqualExpression')) return [part(node, 'Right')];
  if (!isKind(node, 'InExpression', 'InCsExpression', 'NotInExpression', 'NotInCsExpression')) return [];
  return listPart(part(node, 'Right'), 'Expressions');
}

const typeOf = (node: SyntaxElement | undefined): string | undefined => node?.ResultType?.Name;

/** The number's type where one of the two is a number and the other a string. */
function numberOf(left: string | undefined, right: string | undefined): string | undefined {
  if (left === 'string' && right !== undefined && NUMBERS.has(right)) return right;
  return right === 'string' && left !== undefined && NUMBERS.has(left) ? left : undefined;
}
