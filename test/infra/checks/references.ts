import type { BicepFile, Expr, TypeExpr } from '../bicep/ast.ts';
import { fileAt, finding, type Project } from '../project.ts';
import { DECORATORS, FUNCTIONS } from './functions.ts';
import { expressionsIn, partsOf, statementsIn, within } from './walk.ts';

const PRIMITIVES = new Set(['string', 'int', 'bool', 'object', 'array', 'any']);

/** Every name that is used is declared, every function exists and gets as many arguments as it takes. */
export function checkReferences(project: Project): readonly string[] {
  return [...project.values()].flatMap((file) => [
    ...statementsIn(file).flatMap((expr) => undeclaredIn(file, expr, declaredIn(file))),
    ...funcsUndeclared(file),
    ...wrongCalls(file),
    ...wrongTypes(file),
    ...wrongImports(project, file),
    ...wrongDecorators(file),
    ...declaredTwice(file),
  ]);
}

function declaredIn(file: BicepFile): ReadonlySet<string> {
  const { params, variables, resources, modules, imports } = file;
  return new Set([
    ...[...params, ...variables, ...resources, ...modules].map(({ name }) => name),
    ...imports.flatMap(({ names }) => names.map(({ as }) => as)),
  ]);
}

function undeclaredIn(file: BicepFile, expr: Expr, known: ReadonlySet<string>): string[] {
  if (expr.kind === 'name')
    return known.has(expr.name) ? [] : [finding(file, expr.at, `${expr.name} is not declared`)];
  if (expr.kind === 'lambda') return undeclaredIn(file, expr.body, new Set([...known, ...expr.parameters]));
  if (expr.kind === 'for') {
    const inside = new Set([...known, ...expr.names]);
    return [...undeclaredIn(file, expr.over, known), ...undeclaredIn(file, expr.body, inside)];
  }
  return partsOf(expr).flatMap((part) => undeclaredIn(file, part, known));
}

/** A function sees nothing but its parameters. */
function funcsUndeclared(file: BicepFile): string[] {
  return file.funcs.flatMap(({ parameters, body, at, name }) => {
    const known = new Set(parameters.map((parameter) => parameter.name));
    return undeclaredIn(file, body, known).length > 0
      ? [finding(file, at, `${name} uses more than its parameters`)]
      : [];
  });
}

function wrongCalls(file: BicepFile): string[] {
  const own = new Map(file.funcs.map(({ name, parameters }) => [name, parameters.length]));
  const imported = new Set(file.imports.flatMap(({ names }) => names.map(({ as }) => as)));
  return expressionsIn(file).flatMap((root) =>
    [...within(root)].flatMap((expr) => {
      if (expr.kind !== 'call' || imported.has(expr.name)) return [];
      const count = own.get(expr.name);
      const [fewest, most] = count === undefined ? (FUNCTIONS.get(expr.name) ?? []) : [count, count];
      if (fewest === undefined || most === undefined)
        return [finding(file, expr.at, `${expr.name}() is no function that is known here`)];
      const fits = expr.args.length >= fewest && expr.args.length <= most;
      return fits ? [] : [finding(file, expr.at, `${expr.name}() has ${expr.args.length} arguments`)];
    }),
  );
}

/** Names of types that a type is made of. */
export function typeNames(type: TypeExpr): string[] {
  switch (type.kind) {
    case 'named':
      return [type.name];
    case 'array':
    case 'optional':
      return typeNames(type.of);
    case 'union':
      return type.members.flatMap(typeNames);
    case 'object':
      return [
        ...[...type.props.values()].map((property) => property.type),
        ...(type.extra ? [type.extra] : []),
      ].flatMap(typeNames);
    default:
      return [];
  }
}

/** Every type that a file mentions, with where. */
export function typesMentioned(file: BicepFile): { readonly at: number; readonly type: TypeExpr }[] {
  return [
    ...[...file.params, ...file.outputs, ...file.types].map(({ at, type }) => ({ at, type })),
    ...file.funcs.flatMap(({ at, parameters, returns }) => [
      ...parameters.map(({ type }) => ({ at, type })),
      { at, type: returns },
    ]),
  ];
}

function wrongTypes(file: BicepFile): string[] {
  const known = new Set([
    ...PRIMITIVES,
    ...file.types.map(({ name }) => name),
    ...file.imports.flatMap(({ names }) => names.map(({ as }) => as)),
  ]);
  return typesMentioned(file).flatMap(({ at, type }) =>
    typeNames(type)
      .filter((name) => !known.has(name))
      .map((name) => finding(file, at, `the type ${name} is not declared`)),
  );
}

function wrongImports(project: Project, file: BicepFile): string[] {
  return file.imports.flatMap(({ at, path, names }) => {
    const source = fileAt(project, file, path);
    if (!source) return [finding(file, at, `${path} does not exist`)];
    const exported = new Set(
      [...source.types, ...source.variables, ...source.funcs]
        .filter(({ decorators }) => decorators.has('export'))
        .map(({ name }) => name),
    );
    return names
      .filter(({ name }) => !exported.has(name))
      .map(({ name }) => finding(file, at, `${path} exports no ${name}`));
  });
}

function wrongDecorators(file: BicepFile): string[] {
  const { params, variables, funcs, types, resources, modules, outputs } = file;
  return [...params, ...variables, ...funcs, ...types, ...resources, ...modules, ...outputs].flatMap(
    ({ at, decorators }) =>
      [...decorators.keys()]
        .filter((name) => !DECORATORS.has(name))
        .map((name) => finding(file, at, `@${name} is no decorator that is known here`)),
  );
}

function declaredTwice(file: BicepFile): string[] {
  const { params, variables, funcs, types, resources, modules, imports } = file;
  const seen = new Set<string>();
  const all = [
    ...[...params, ...variables, ...funcs, ...types, ...resources, ...modules],
    ...imports.flatMap(({ at, names }) => names.map(({ as }) => ({ at, name: as }))),
  ];
  return all.flatMap(({ at, name }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [finding(file, at, `${name} is declared twice`)];
  });
}
