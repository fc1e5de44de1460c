import { createHash } from 'node:crypto';
import { childrenOf, type Kusto, type KustoNode } from './language.ts';
import { conditionOf, conjunctsOf } from './spine.ts';
import { timeLimitsOf } from './time-limits.ts';
import type { TimeReader } from './times.ts';

/**
 * The query's identity whatever span it asks for. Comparisons of the time column with a moment are left out, and
 * with them a `where` of nothing else; any other constant moment reads as `@time`, so that a pinned `now()` does
 * not make another query of it.
 */
export function queryHash(kusto: Kusto, reader: TimeReader, syntax: KustoNode): string {
  const words: string[] = [];

  function add(node: KustoNode): void {
    if (node.IsToken) {
      if (node.Text) words.push(node.Text);
      return;
    }
    const [left, inner, operator] = childrenOf(node);
    const condition =
      kusto.kindOf(node) === 'PipeExpression' && operator ? conditionOf(kusto, operator) : undefined;
    if (left && condition && addFiltered(left, condition)) return;
    if (isWrapped(node) && inner) add(inner);
    else if (isMoment(node)) words.push('@time');
    else childrenOf(node).forEach(add);
  }

  /** False when the condition has nothing to leave out. */
  function addFiltered(left: KustoNode, condition: KustoNode): boolean {
    const parts = conjunctsOf(kusto, condition);
    const kept = parts.filter((part) => timeLimitsOf(kusto, reader, part) === undefined);
    if (kept.length === parts.length) return false;
    add(left);
    for (const [place, part] of kept.entries()) {
      words.push(...(place === 0 ? ['|', 'where'] : ['and']));
      add(part);
    }
    return true;
  }

  /** A table in brackets is the table. */
  const isWrapped = (node: KustoNode): boolean =>
    kusto.kindOf(node) === 'ParenthesizedExpression' && node.ResultType?.Kind === kusto.symbolKinds.Table;

  const isMoment = (node: KustoNode): boolean =>
    kusto.kindOf(node) !== 'ParenthesizedExpression' && reader.time(node) !== undefined;

  add(syntax);
  return createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 16);
}
