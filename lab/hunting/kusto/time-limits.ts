import type { TimeLimit } from '../binding.ts';
import { childrenOf, type Kusto, type KustoNode } from './language.ts';
import { type TimeReader, tokenText } from './times.ts';

/** The columns in which Defender's and Sentinel's tables keep the time of a row. */
export const TIME_COLUMNS: ReadonlySet<string> = new Set(['Timestamp', 'TimeGenerated']);

type Side = Pick<TimeLimit, 'side' | 'inclusive'>;

const COMPARISONS: Readonly<Record<string, Side>> = {
  GreaterThanExpression: { side: 'from', inclusive: false },
  GreaterThanOrEqualExpression: { side: 'from', inclusive: true },
  LessThanExpression: { side: 'to', inclusive: false },
  LessThanOrEqualExpression: { side: 'to', inclusive: true },
};

/** How a condition limits the time column, if that is all it does. */
export function timeLimitsOf(
  kusto: Kusto,
  reader: TimeReader,
  condition: KustoNode,
): readonly TimeLimit[] | undefined {
  const kind = kusto.kindOf(condition);
  const [left, , right] = childrenOf(condition);
  if (left === undefined || right === undefined) return undefined;
  const isColumn = (node: KustoNode): boolean =>
    kusto.kindOf(node) === 'NameReference' &&
    node.ReferencedSymbol?.Kind === kusto.symbolKinds.Column &&
    TIME_COLUMNS.has(tokenText(node));

  if (kind === 'BetweenExpression' && isColumn(left)) {
    const [, low, , high] = childrenOf(right);
    const from = low && reader.time(low);
    const to = high && reader.time(high);
    if (from === undefined || to === undefined) return undefined;
    return [
      { side: 'from', inclusive: true, at: from },
      { side: 'to', inclusive: true, at: to },
    ];
  }
  const comparison = COMPARISONS[kind];
  if (comparison === undefined) return undefined;
  if (isColumn(left)) {
    const at = reader.time(right);
    return at && [{ ...comparison, at }];
  }
  const at = isColumn(right) ? reader.time(left) : undefined;
  return at && [{ side: comparison.side === 'from' ? 'to' : 'from', inclusive: comparison.inclusive, at }];
}
