import type { CheckRequest } from '../ports.ts';
import { type KustoSymbol, kusto, listOf, type SyntaxElement } from './kusto.ts';
import type { Analysis, Language } from './language.ts';
import { isKind, nodesOf, part, statementsOf } from './tree.ts';

/** A bound query, with what most rules ask for. */
export interface QueryContext extends Analysis {
  readonly request: CheckRequest;
  readonly language: Language;
  readonly root: SyntaxElement;
  /** All syntax but tokens, in the order of the text. */
  readonly nodes: readonly SyntaxElement[];
  /** The last expression, which gives the result. */
  readonly result: SyntaxElement | undefined;
  /** Names of tables of the schema, where they stand in the text. */
  readonly tableNames: readonly TableName[];
}

export interface TableName {
  readonly node: SyntaxElement;
  readonly table: string;
}

export function contextOf(request: CheckRequest, language: Language, analysis: Analysis): QueryContext {
  const root = analysis.code.Syntax;
  const nodes = nodesOf(root);
  const expressions = statementsOf(root).filter((statement) => isKind(statement, 'ExpressionStatement'));
  return {
    ...analysis,
    request,
    language,
    root,
    nodes,
    result: part(expressions.at(-1), 'Expression'),
    tableNames: nodes.flatMap((node) => tableNamesAt(node, analysis)),
  };
}

/** The tables that a name stands for: several where it has a wildcard. */
function tableNamesAt(node: SyntaxElement, { globals }: Analysis): readonly TableName[] {
  if (!isKind(node, 'NameReference')) return [];
  const symbol = node.ReferencedSymbol;
  if (symbol === null || symbol === undefined) return [];
  const symbols =
    symbol instanceof kusto.Symbols.GroupSymbol ? listOf<KustoSymbol>(symbol.Members) : [symbol];
  return symbols
    .filter((member) => member instanceof kusto.Symbols.TableSymbol && globals.IsDatabaseTable(member))
    .map((member) => ({ node, table: member.Name }));
}

export const placeOf = (node: SyntaxElement): { readonly start: number; readonly length: number } => ({
  start: node.TextStart,
  length: node.Width,
});

/** A name as it is called, without the brackets and quotes that it may be written in. */
export const nameAt = (text: string, start: number, length: number): string =>
  text.slice(start, start + length).replaceAll(/^\[["']|["']\]$/g, '');
