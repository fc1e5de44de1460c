import type { BicepFile, Expr, TypeExpr } from '../bicep/ast.ts';
import type { FactProps, Facts, FactType } from '../facts/types.ts';
import { fileAt, finding, type Project, templatesOf } from '../project.ts';
import { factKey } from './resource-bodies.ts';
import { resolveType, type TypeIn } from './typed-values.ts';
import { expressionsIn, within } from './walk.ts';

/** Properties that are read of typed parameters, of what functions return, and of resources: does each exist? */
export function checkMembers(
  project: Project,
  facts: Facts,
  seen: Set<string> = new Set(),
): readonly string[] {
  return templatesOf(project).flatMap((file) =>
    expressionsIn(file).flatMap((root) =>
      [...within(root)].flatMap((expr) => {
        if (expr.kind !== 'member') return [];
        const known = keysOf(project, file, expr.of) ?? resourceKeys(file, expr.of, facts, seen);
        if (known === undefined || known.has(expr.property)) return [];
        return [
          finding(file, expr.at, `there is no ${expr.property} in it, but ${[...known].sort().join(', ')}`),
        ];
      }),
    ),
  );
}

function keysOf(project: Project, file: BicepFile, expr: Expr): ReadonlySet<string> | undefined {
  const found = typeOf(project, file, expr);
  const type = found && resolveType(project, found).type;
  return type?.kind === 'object' && type.extra === undefined ? new Set(type.props.keys()) : undefined;
}

/** The declared type of an expression, where it has one; an object that is written out is its own type. */
function typeOf(project: Project, file: BicepFile, expr: Expr): TypeIn | undefined {
  if (expr.kind === 'object') return { type: writtenType(expr), file };
  if (expr.kind === 'call') return returned(project, file, expr.name);
  if (expr.kind === 'member') {
    const of = typeOf(project, file, expr.of);
    const resolved = of && resolveType(project, of);
    if (resolved?.type.kind !== 'object') return undefined;
    const property = resolved.type.props.get(expr.property)?.type;
    return property && { type: property, file: resolved.file };
  }
  if (expr.kind !== 'name') return undefined;
  const param = file.params.find(({ name }) => name === expr.name);
  if (param) return { type: param.type, file };
  const variable = file.variables.find(({ name }) => name === expr.name);
  return variable && typeOf(project, file, variable.value);
}

function writtenType(expr: Expr & { readonly kind: 'object' }): TypeExpr {
  const any: TypeExpr = { kind: 'named', name: 'any' };
  const computed = expr.entries.some(({ key }) => key === undefined);
  return {
    kind: 'object',
    props: new Map(
      expr.entries.flatMap(({ key, value }) => {
        if (key === undefined) return [];
        const type = value.kind === 'object' ? writtenType(value) : any;
        return [[key, { type, decorators: new Map() }] as const];
      }),
    ),
    ...(computed ? { extra: any } : {}),
  };
}

function returned(project: Project, file: BicepFile, name: string): TypeIn | undefined {
  const own = file.funcs.find((func) => func.name === name);
  if (own) return { type: own.returns, file };
  for (const { path, names } of file.imports) {
    const imported = names.find(({ as }) => as === name);
    const source = imported && fileAt(project, file, path);
    const func = source?.funcs.find((candidate) => candidate.name === imported?.name);
    if (source && func) return { type: func.returns, file: source };
  }
  return undefined;
}

function resourceKeys(
  file: BicepFile,
  expr: Expr,
  facts: Facts,
  seen: Set<string>,
): ReadonlySet<string> | undefined {
  const props = resourceProps(file, expr, facts, seen);
  return props && new Set([...Object.keys(props), ...(expr.kind === 'name' ? ['id', 'name', 'type'] : [])]);
}

/** The properties of what an expression reads of a resource; undefined where it reads none, or anything may be there. */
function resourceProps(file: BicepFile, expr: Expr, facts: Facts, seen: Set<string>): FactProps | undefined {
  if (expr.kind === 'name') {
    const resource = file.resources.find(({ name }) => name === expr.name);
    const key = resource && factKey(facts, resource);
    const body = key && facts.resources[key]?.body;
    return body === undefined ? undefined : closedProps(facts, body, seen);
  }
  if (expr.kind !== 'member') return undefined;
  const type: FactType | undefined = resourceProps(file, expr.of, facts, seen)?.[expr.property]?.[0];
  return typeof type === 'object' && 'ref' in type ? closedProps(facts, type.ref, seen) : undefined;
}

function closedProps(facts: Facts, id: string, seen: Set<string>): FactProps | undefined {
  const type = facts.types[id];
  if (!type) throw new Error(`No facts about ${id}: node test/infra/facts/extract.ts`);
  seen.add(id);
  return type.extra === undefined && type.on === undefined ? type.props : undefined;
}
