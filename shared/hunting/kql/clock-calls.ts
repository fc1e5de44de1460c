import type { ClockCall } from '../ports.ts';
import { placeOf, type QueryContext } from './query-context.ts';
import { callOf, isKind } from './tree.ts';

/** Calls of KQL's own `now()` and `ago()`; functions of the query with these names are something else. */
export function clockCallsOf({ nodes, globals }: QueryContext): readonly ClockCall[] {
  return nodes.flatMap((node): readonly ClockCall[] => {
    if (!isKind(node, 'FunctionCallExpression')) return [];
    const { name, reference, args } = callOf(node);
    if (name !== 'now' && name !== 'ago') return [];
    const symbol = reference?.ReferencedSymbol;
    if (symbol === null || symbol === undefined || !globals.IsBuiltInFunction(symbol)) return [];
    const [argument] = args;
    return [
      { kind: name, ...placeOf(node), ...(argument === undefined ? {} : { argument: placeOf(argument) }) },
    ];
  });
}
