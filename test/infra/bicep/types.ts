import type { Node } from 'web-tree-sitter';
import type { Decorators, TypeExpr, TypeProperty } from './ast.ts';
import { expressionOf, literalText } from './expressions.ts';

/** Decorators in front of a declaration. */
export function decoratorsOf(node: Node | undefined, text: string): Decorators {
  if (node?.type !== 'decorators') return new Map();
  return new Map(
    node.namedChildren.flatMap((child) => {
      const call = child.namedChildren
        .map((inner) => expressionOf(inner, text))
        .find((e) => e.kind === 'call');
      return call ? [[call.name, call.args] as const] : [];
    }),
  );
}

/** Makes a type of a node: the grammar sees one as a type here, as an expression there. */
export function typeOf(node: Node, text: string): TypeExpr {
  const inner = (): TypeExpr => {
    const [first] = node.namedChildren;
    if (!first) throw new Error(`The type at ${node.startIndex} is empty.`);
    return typeOf(first, text);
  };
  switch (node.type) {
    case 'type':
    case 'parenthesized_type':
    case 'parenthesized_expression':
      return inner();
    case 'array_type':
      return { kind: 'array', of: inner() };
    case 'nullable_type':
      return { kind: 'optional', of: inner() };
    case 'union_type':
    case 'binary_expression':
      return {
        kind: 'union',
        members: node.namedChildren.flatMap((child) => membersOf(typeOf(child, text))),
      };
    case 'string':
      return { kind: 'literal', value: literalText(expressionOf(node, text)) ?? '' };
    case 'number':
      return { kind: 'literal', value: Number(node.text) };
    case 'boolean':
      return { kind: 'literal', value: node.text === 'true' };
    case 'object':
      return objectOf(node, text);
    default:
      return { kind: 'named', name: node.text };
  }
}

function membersOf(type: TypeExpr): readonly TypeExpr[] {
  return type.kind === 'union' ? type.members : [type];
}

function objectOf(node: Node, text: string): TypeExpr {
  const props = new Map<string, TypeProperty>();
  let extra: TypeExpr | undefined;
  let decorators: Node | undefined;
  for (const child of node.namedChildren) {
    if (child.type === 'decorators') decorators = child;
    if (child.type !== 'object_property') continue;
    const value = child.namedChildren.at(-1);
    const key = child.children[0]?.text.replaceAll("'", '') ?? '';
    if (value && key === '*') extra = typeOf(value, text);
    else if (value) props.set(key, { type: typeOf(value, text), decorators: decoratorsOf(decorators, text) });
    decorators = undefined;
  }
  return { kind: 'object', props, ...(extra ? { extra } : {}) };
}
