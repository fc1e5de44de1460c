import type { BicepFile, Entry, Expr } from '../bicep/ast.ts';

/** The expressions that one consists of. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'string':
      return expr.parts.filter((part) => typeof part !== 'string');
    case 'object':
      return expr.entries.flatMap(({ keyExpr, value }) => (keyExpr ? [keyExpr, value] : [value]));
    case 'array':
      return expr.items;
    case 'call':
      return expr.args;
    case 'member':
      return [expr.of];
    case 'index':
      return [expr.of, expr.index];
    case 'unary':
      return [expr.argument];
    case 'binary':
      return [expr.left, expr.right];
    case 'ternary':
      return [expr.condition, expr.then, expr.otherwise];
    case 'group':
      return expr.inner;
    case 'lambda':
      return [expr.body];
    case 'if':
      return [expr.condition, expr.body];
    case 'for':
      return [expr.over, expr.body];
    default:
      return [];
  }
}

/** An expression and all within it. */
export function* within(expr: Expr): Generator<Expr> {
  yield expr;
  for (const part of partsOf(expr)) yield* within(part);
}

/** The body of a resource or module: behind its condition and its loop. */
export function bodyOf(expr: Expr): Expr {
  if (expr.kind === 'if' || expr.kind === 'for') return bodyOf(expr.body);
  return expr;
}

type ObjectExpr = Extract<Expr, { kind: 'object' }>;

/** The entries of an object, those of what is spread into it as well, whatever the condition. */
export function entriesOf(object: ObjectExpr): readonly Entry[] {
  return object.entries.flatMap((entry) => {
    if (entry.key !== undefined || entry.keyExpr) return [entry];
    const spread = objectsIn(entry.value);
    return spread.length > 0 ? spread.flatMap(entriesOf) : [entry];
  });
}

function objectsIn(expr: Expr): ObjectExpr[] {
  if (expr.kind === 'object') return [expr];
  if (expr.kind === 'group') return expr.inner.flatMap(objectsIn);
  return expr.kind === 'ternary' ? [...objectsIn(expr.then), ...objectsIn(expr.otherwise)] : [];
}

/** A property of an object, by its path. */
export function propertyOf(expr: Expr | undefined, ...path: readonly string[]): Expr | undefined {
  const [key, ...rest] = path;
  if (expr === undefined || key === undefined) return expr;
  const body = bodyOf(expr);
  if (body.kind !== 'object') return undefined;
  return propertyOf(entriesOf(body).find((entry) => entry.key === key)?.value, ...rest);
}

/** Every expression of a file's statements; functions see other names, and are apart. */
export function statementsIn({ params, variables, outputs, resources, modules }: BicepFile): Expr[] {
  return [
    ...params.flatMap(({ value }) => (value ? [value] : [])),
    ...[...variables, ...outputs, ...resources, ...modules].map(({ value }) => value),
  ];
}

/** Every expression of a file, those of its functions too. */
export function expressionsIn(file: BicepFile): Expr[] {
  return [...statementsIn(file), ...file.funcs.map(({ body }) => body)];
}
