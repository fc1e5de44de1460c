import { kusto, listOf, type SyntaxElement } from './kusto.ts';

/** Kinds of syntax that this folder looks for, by the package's names. */
const KINDS = [
  'BetweenExpression',
  'BracketedName',
  'ContainsExpression',
  'CountOperator',
  'DistinctOperator',
  'EqualExpression',
  'EvaluateOperator',
  'ExpressionStatement',
  'ExtendOperator',
  'ExternalDataExpression',
  'FilterOperator',
  'FindOperator',
  'FunctionCallExpression',
  'GetSchemaOperator',
  'GreaterThanExpression',
  'GreaterThanOrEqualExpression',
  'InCsExpression',
  'InExpression',
  'InvokeOperator',
  'JoinOperator',
  'LessThanExpression',
  'LessThanOrEqualExpression',
  'LetStatement',
  'LookupOperator',
  'MakeSeriesOperator',
  'MaterializeExpression',
  'MvApplyOperator',
  'MvExpandOperator',
  'NameReference',
  'NotEqualExpression',
  'NotInCsExpression',
  'NotInExpression',
  'ParenthesizedExpression',
  'ParseKvOperator',
  'ParseOperator',
  'ParseWhereOperator',
  'PipeExpression',
  'ProjectAwayOperator',
  'ProjectKeepOperator',
  'ProjectOperator',
  'ProjectRenameOperator',
  'ProjectReorderOperator',
  'ReduceByOperator',
  'RenderOperator',
  'SampleDistinctOperator',
  'SampleOperator',
  'SearchOperator',
  'SortOperator',
  'StringLiteralExpression',
  'SummarizeOperator',
  'TakeOperator',
  'TopHittersOperator',
  'TopNestedOperator',
  'TopOperator',
  'UnionOperator',
] as const;

export type Kind = (typeof KINDS)[number];

const NAME_OF = new Map<unknown, Kind>(KINDS.map((kind) => [numberOf(kind), kind]));

function numberOf(kind: Kind): unknown {
  const number = kusto.Syntax.SyntaxKind[kind];
  if (typeof number === 'number') return number;
  throw new Error(`This version of @kusto/language-service-next has no syntax of the kind ${kind}.`);
}

/** The kind of an element, when it is one that this folder looks for. */
const kindOf = (element: SyntaxElement): Kind | undefined => NAME_OF.get(element.Kind);

/** True for an element of one of the kinds. */
export function isKind(element: SyntaxElement | undefined, ...kinds: readonly Kind[]): boolean {
  const kind = element === undefined ? undefined : kindOf(element);
  return kind !== undefined && kinds.includes(kind);
}

/** The package's own name of an element's kind, for people. */
export function kindName(element: SyntaxElement): string {
  return (
    Object.entries(kusto.Syntax.SyntaxKind).find(([, number]) => number === element.Kind)?.[0] ?? 'unknown'
  );
}

/** The child that the package calls `name`. */
export function part(element: SyntaxElement | undefined, name: string): SyntaxElement | undefined {
  return element === undefined ? undefined : childrenOf(element).find((child) => child.NameInParent === name);
}

/** The members of the list that the package calls `name`, without its commas. */
export function listPart(element: SyntaxElement | undefined, name: string): readonly SyntaxElement[] {
  const list = part(element, name);
  if (list === undefined) return [];
  return childrenOf(list).flatMap((separated) => {
    const first = separated.GetChild(0);
    return first === null ? [] : [first];
  });
}

function childrenOf(element: SyntaxElement): readonly SyntaxElement[] {
  const children: SyntaxElement[] = [];
  for (let index = 0; index < element.ChildCount; index++) {
    const child = element.GetChild(index);
    if (child !== null) children.push(child);
  }
  return children;
}

/** An element and all below it, tokens left out, in the order of the text. */
export function nodesOf(root: SyntaxElement): readonly SyntaxElement[] {
  const nodes: SyntaxElement[] = [];
  const visit = (element: SyntaxElement): void => {
    if (element.IsToken) return;
    nodes.push(element);
    for (let index = 0; index < element.ChildCount; index++) {
      const child = element.GetChild(index);
      if (child !== null) visit(child);
    }
  };
  visit(root);
  return nodes;
}

/** The statements of a query, without their semicolons. */
export const statementsOf = (root: SyntaxElement): readonly SyntaxElement[] => listPart(root, 'Statements');

/** The name that a call calls, and its arguments. */
export function callOf(call: SyntaxElement): {
  readonly name: string;
  readonly reference: SyntaxElement | undefined;
  readonly args: readonly SyntaxElement[];
} {
  const reference = part(call, 'Name');
  return {
    name: reference?.SimpleName ?? '',
    reference,
    args: listPart(part(call, 'ArgumentList'), 'Expressions'),
  };
}

/** The columns of a table's type; undefined for what is no table. */
export function columnsOfType(
  type: { readonly Columns?: unknown } | null | undefined,
): readonly { readonly Name: string; readonly Type?: { readonly Name: string } | null }[] | undefined {
  return type?.Columns === undefined ? undefined : listOf(type.Columns);
}
