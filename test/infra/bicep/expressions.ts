import type { Node } from 'web-tree-sitter';
import type { Entry, Expr } from './ast.ts';
import { stringOf } from './strings.ts';

/** Makes an expression of a node; `text` is the original, of which the grammar saw a masked copy. */
export function expressionOf(node: Node, text: string): Expr {
  const at = node.startIndex;
  const of = (child: Node | null): Expr => {
    if (child === null) throw new Error(`A part of the expression at ${at} is missing.`);
    return expressionOf(child, text);
  };
  const field = (name: string): Expr => of(node.childForFieldName(name));
  switch (node.type) {
    case 'string':
      return { kind: 'string', at, parts: stringOf(node, text, of) };
    case 'number':
      return { kind: 'literal', at, value: Number(node.text) };
    case 'boolean':
      return { kind: 'literal', at, value: node.text === 'true' };
    case 'null':
      return { kind: 'literal', at, value: null };
    case 'object':
      return { kind: 'object', at, entries: entriesOf(node, text) };
    case 'array':
      return { kind: 'array', at, items: node.namedChildren.map(of) };
    case 'call_expression':
      return {
        kind: 'call',
        at,
        name: node.childForFieldName('function')?.text ?? '',
        args: node.childForFieldName('arguments')?.namedChildren.map(of) ?? [],
      };
    case 'member_expression':
      return onRightmost(field('object'), (inner) => ({
        kind: 'member',
        at,
        of: inner,
        property: node.childForFieldName('property')?.text ?? '',
        isSafe: node.children.some((child) => child.type === '.?'),
      }));
    case 'subscript_expression':
      return onRightmost(field('object'), (inner) => ({
        kind: 'index',
        at,
        of: inner,
        index: field('index'),
      }));
    case 'unary_expression': {
      const operator = node.childForFieldName('operator')?.text ?? '';
      return { kind: 'unary', at, operator, argument: field('argument') };
    }
    case 'binary_expression': {
      const operator = node.childForFieldName('operator')?.text ?? '';
      return withLeft(field('left'), operator, field('right'));
    }
    case 'ternary_expression': {
      const [then, otherwise] = [field('consequence'), field('alternative')];
      return asCondition(field('condition'), then, otherwise);
    }
    case 'lambda_expression': {
      const [parameters, body] = node.namedChildren;
      return { kind: 'lambda', at, parameters: namesIn(parameters), body: of(body ?? null) };
    }
    case 'parenthesized_expression':
      return { kind: 'group', at, inner: node.namedChildren.map(of) };
    case 'if_statement': {
      const [condition, body] = node.namedChildren;
      return { kind: 'if', at, condition: of(condition ?? null), body: of(body ?? null) };
    }
    case 'for_statement':
      return forOf(node, text);
    default:
      return { kind: 'name', at, name: node.text };
  }
}

function entriesOf(node: Node, text: string): Entry[] {
  return node.namedChildren
    .filter((child) => child.type === 'object_property')
    .map((child) => {
      const [key, value] = child.namedChildren;
      if (!key || !value)
        return { at: child.startIndex, key: child.children[0]?.text, value: nothing(child) };
      const at = key.startIndex;
      // What prepare.ts made of a spread.
      if (key.text === '_') return { at, key: undefined, value: expressionOf(value, text) };
      if (key.type !== 'string') return { at, key: key.text, value: expressionOf(value, text) };
      const keyExpr = expressionOf(key, text);
      return { at, key: literalText(keyExpr), keyExpr, value: expressionOf(value, text) };
    });
}

function nothing(node: Node): Expr {
  return { kind: 'literal', at: node.startIndex, value: null };
}

/** The text of a string without interpolation. */
export function literalText(expr: Expr): string | undefined {
  if (expr.kind !== 'string' || expr.parts.some((part) => typeof part !== 'string')) return undefined;
  return expr.parts.join('');
}

function namesIn(node: Node | undefined): string[] {
  if (!node) return [];
  return node.type === 'parenthesized_expression'
    ? node.namedChildren.map((child) => child.text)
    : [node.text];
}

function forOf(node: Node, text: string): Expr {
  const body = node.childForFieldName('body');
  const initializer = node.childForFieldName('initializer');
  const pair = node.namedChildren.find((child) => child.type === 'for_loop_parameters');
  const names = initializer ? [initializer.text] : (pair?.namedChildren.map((child) => child.text) ?? []);
  const over = node.namedChildren.find(
    (child) => child.id !== body?.id && child.id !== initializer?.id && child.id !== pair?.id,
  );
  if (!body || !over) throw new Error(`The loop at ${node.startIndex} is not whole.`);
  return {
    kind: 'for',
    at: node.startIndex,
    names,
    over: expressionOf(over, text),
    body: expressionOf(body, text),
  };
}

const STRENGTH = new Map(
  [
    ['??'],
    ['||'],
    ['&&'],
    ['==', '!=', '=~', '!~'],
    ['<', '<=', '>', '>='],
    ['+', '-'],
    ['*', '/', '%'],
  ].flatMap((operators, strength) => operators.map((operator) => [operator, strength] as const)),
);

/** The grammar binds `.` and `[ ]` looser than operators: what they belong to is the operand on the right. */
function onRightmost(expr: Expr, make: (inner: Expr) => Expr): Expr {
  switch (expr.kind) {
    case 'binary':
      return { ...expr, right: onRightmost(expr.right, make) };
    case 'ternary':
      return { ...expr, otherwise: onRightmost(expr.otherwise, make) };
    case 'lambda':
      return { ...expr, body: onRightmost(expr.body, make) };
    case 'unary':
      return { ...expr, argument: onRightmost(expr.argument, make) };
    default:
      return make(expr);
  }
}

/** A binary operation whose left side the grammar may have closed too early. */
function withLeft(left: Expr, operator: string, right: Expr): Expr {
  if (left.kind === 'lambda') return { ...left, body: withLeft(left.body, operator, right) };
  if (left.kind === 'ternary') return { ...left, otherwise: withLeft(left.otherwise, operator, right) };
  if (left.kind === 'binary' && (STRENGTH.get(left.operator) ?? 0) < (STRENGTH.get(operator) ?? 0)) {
    return { ...left, right: withLeft(left.right, operator, right) };
  }
  return { kind: 'binary', at: left.at, operator, left, right };
}

function asCondition(condition: Expr, then: Expr, otherwise: Expr): Expr {
  if (condition.kind === 'lambda') {
    return { ...condition, body: asCondition(condition.body, then, otherwise) };
  }
  return { kind: 'ternary', at: condition.at, condition, then, otherwise };
}
