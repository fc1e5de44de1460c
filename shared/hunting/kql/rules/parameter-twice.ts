import { found } from '../codes.ts';
import { placeOf } from '../query-context.ts';
import { isKind, part } from '../tree.ts';
import type { Rule } from './rule.ts';

/** A `let` with the name of a declared parameter: the service would refuse the second of the two. */
export const parameterTwice: Rule = ({ nodes, request }) => {
  const parameters = new Set((request.parameters ?? []).map(({ name }) => name));
  if (parameters.size === 0) return [];
  return nodes.flatMap((node) => {
    if (!isKind(node, 'LetStatement')) return [];
    const name = part(node, 'Name');
    const word = name?.ReferencedSymbol?.Name;
    if (name === undefined || word === undefined || !parameters.has(word)) return [];
    return [
      found(
        'KQL105',
        placeOf(name),
        `“${word}” is a parameter of the query: remove the let statement, or the parameter.`,
      ),
    ];
  });
};
