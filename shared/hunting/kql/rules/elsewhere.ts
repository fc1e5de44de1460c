import type { Diagnostic } from '../../ports.ts';
import { found } from '../codes.ts';
import type { SyntaxElement } from '../kusto.ts';
import { placeOf } from '../query-context.ts';
import { callOf, isKind } from '../tree.ts';
import type { Rule } from './rule.ts';

/** What leads out of a tenant's hunting data: https://learn.microsoft.com/kusto/query/cross-cluster-or-database-queries */
const ELSEWHERE = new Set(['cluster', 'database', 'workspace', 'app', 'resource', 'adx', 'arg']);

/** Calls that reach outside the tenant's own hunting data. */
export const elsewhere: Rule = ({ nodes, request }) =>
  nodes.filter(isElsewhere).map((node): Diagnostic => {
    const { name } = callOf(node);
    const finding = found(
      'KQL104',
      placeOf(node),
      `${name}() reads data of elsewhere, which a hunt cannot: only tables of the tenant’s hunting schema.`,
    );
    if (request.platform !== 'sentinel') return finding;
    const message = `${name}() reads data of elsewhere: what the query does with it is not checked.`;
    return { ...finding, severity: 'warning', message };
  });

/** Also where the call is the first part of `cluster("a").database("b").T`. */
export function isElsewhere(node: SyntaxElement): boolean {
  if (!isKind(node, 'FunctionCallExpression')) return false;
  const { name, reference } = callOf(node);
  if (!ELSEWHERE.has(name)) return false;
  // One finding for a chain of them.
  const inner = node.Parent?.GetChild(0);
  if (inner !== node && inner !== null && inner !== undefined && isElsewhere(inner)) return false;
  // A function of the query's own may have the name; not these two, which the language keeps for itself.
  const known = reference?.ReferencedSymbol;
  return name === 'cluster' || name === 'database' || known === null || known === undefined;
}
