import { childrenOf, type Kusto, type KustoNode } from './language.ts';
import type { Spine } from './spine.ts';
import { TIME_COLUMNS } from './time-limits.ts';
import { tokenText } from './times.ts';

/** Operators after which there are as many rows as before, or fewer. */
const NEVER_MORE: ReadonlySet<string> = new Set([
  'AsOperator',
  'CountOperator',
  'DistinctOperator',
  'ExtendOperator',
  'FilterOperator',
  'InvokeOperator',
  'ParseOperator',
  'ParseWhereOperator',
  'ProjectAwayOperator',
  'ProjectKeepOperator',
  'ProjectOperator',
  'ProjectRenameOperator',
  'ProjectReorderOperator',
  'RenderOperator',
  'SampleOperator',
  'SerializeOperator',
  'SortOperator',
  'SummarizeOperator',
  'TakeOperator',
  'TopOperator',
]);

/** Most rows that can come out of a query, as far as its text says so; null: any number. */
export function rowBoundOf(kusto: Kusto, { source, operators }: Spine): number | null {
  const bounds: number[] = [];
  for (const operator of [...operators].reverse()) {
    if (!NEVER_MORE.has(kusto.kindOf(operator))) return least(bounds);
    const bound = boundOf(kusto, operator);
    if (bound !== undefined) bounds.push(bound);
  }
  if (kusto.kindOf(source) === 'PrintOperator') bounds.push(1);
  return least(bounds);
}

function boundOf(kusto: Kusto, operator: KustoNode): number | undefined {
  const kind = kusto.kindOf(operator);
  const children = childrenOf(operator);
  if (kind === 'CountOperator') return 1;
  if (kind === 'SummarizeOperator') {
    return children.some((child) => kusto.kindOf(child) === 'SummarizeByClause') ? undefined : 1;
  }
  if (kind !== 'TakeOperator' && kind !== 'TopOperator' && kind !== 'SampleOperator') return undefined;
  const count = children.find((child) => child.ConstantValue != null);
  const rows = Number(count?.ConstantValue?.toString());
  return Number.isSafeInteger(rows) && rows >= 0 ? rows : undefined;
}

/** Whether all rows become one: by `count` or a `summarize` without `by` that no filter or limit follows. */
export function gathersAll(kusto: Kusto, { source, operators }: Spine): boolean {
  const ONE_TO_ONE = /^(Extend|Project\w*|Sort|Serialize|Render|As)Operator$/;
  const last = operators.findLast((operator) => !ONE_TO_ONE.test(kusto.kindOf(operator)));
  return last === undefined
    ? kusto.kindOf(source) === 'PrintOperator'
    : boundOf(kusto, last) === 1 && !isLimit(kusto, last);
}

const isLimit = (kusto: Kusto, operator: KustoNode): boolean =>
  /^(Take|Top|Sample)Operator$/.test(kusto.kindOf(operator));

/** The order by time that the last `sort` or `top` asks for. */
export function timeOrderOf(kusto: Kusto, { operators }: Spine): 'oldest' | 'newest' | null {
  const last = operators.findLast((operator) =>
    ['SortOperator', 'TopOperator'].includes(kusto.kindOf(operator)),
  );
  if (last === undefined) return null;
  const words = tokensOf(last);
  const by = words.indexOf('by');
  if (!TIME_COLUMNS.has(words[by + 1] ?? '')) return null;
  return words[by + 2] === 'asc' ? 'oldest' : 'newest';
}

function tokensOf(node: KustoNode): string[] {
  return node.IsToken ? [tokenText(node)] : childrenOf(node).flatMap(tokensOf);
}

const least = (bounds: readonly number[]): number | null =>
  bounds.length === 0 ? null : Math.min(...bounds);
