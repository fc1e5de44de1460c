import type { BicepFile, Expr, TypeExpr } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import { fileAt, type Project } from '../project.ts';
import { FUNCTIONS } from './functions.ts';
import { propertyOf } from './walk.ts';

/** A type with the file in which its names mean something. */
export interface TypeIn {
  readonly type: TypeExpr;
  readonly file: BicepFile;
}

const NAMED = new Set(['string', 'int', 'bool', 'object', 'array', 'any']);

/** Follows aliases, in this file and through imports, to what a type is. */
export function resolveType(project: Project, { type, file }: TypeIn): TypeIn {
  if (type.kind === 'optional') return resolveType(project, { type: type.of, file });
  if (type.kind !== 'named' || NAMED.has(type.name)) return { type, file };
  const own = file.types.find(({ name }) => name === type.name);
  if (own) return resolveType(project, { type: own.type, file });
  for (const { path, names } of file.imports) {
    const imported = names.find(({ as }) => as === type.name);
    const source = imported && fileAt(project, file, path);
    const alias = source?.types.find(({ name }) => name === imported?.name);
    if (source && alias) return resolveType(project, { type: alias.type, file: source });
  }
  return { type, file };
}

/** What is wrong with giving `value` (of the file `from`) where `wanted` is the type; empty if nothing is to be seen. */
export function mismatches(project: Project, from: BicepFile, value: Expr, wanted: TypeIn): string[] {
  if (value.kind === 'ternary') {
    return [value.then, value.otherwise].flatMap((branch) => mismatches(project, from, branch, wanted));
  }
  if (value.kind === 'group') return value.inner.flatMap((inner) => mismatches(project, from, inner, wanted));
  if (value.kind === 'literal' && value.value === null) {
    return wanted.type.kind === 'optional' ? [] : ['null is not allowed'];
  }
  const { type, file } = resolveType(project, wanted);
  const kind = kindOf(project, from, value);
  const wantedKind = kindOfType(project, { type, file });
  if (kind !== undefined && wantedKind !== undefined && kind !== wantedKind)
    return [`${kind} where ${wantedKind} is wanted`];
  const text = literalText(value);
  const literal = value.kind === 'literal' ? value.value : text;
  if (literal !== undefined && literal !== null && !takes(project, { type, file }, literal))
    return [`${String(literal)} is not one of its values`];
  if (value.kind === 'array' && type.kind === 'array') {
    return value.items.flatMap((item) => mismatches(project, from, item, { type: type.of, file }));
  }
  if (value.kind === 'for' && type.kind === 'array')
    return mismatches(project, from, value.body, { type: type.of, file });
  if (value.kind === 'object') return objectMismatches(project, from, value, { type, file });
  return [];
}

function takes(project: Project, { type, file }: TypeIn, literal: string | number | boolean): boolean {
  if (type.kind === 'literal') return type.value === literal;
  if (type.kind !== 'union') return true;
  return type.members.some((member) => takes(project, resolveType(project, { type: member, file }), literal));
}

function objectMismatches(
  project: Project,
  from: BicepFile,
  value: Expr & { readonly kind: 'object' },
  wanted: TypeIn,
): string[] {
  const { type, file } = chosenMember(project, value, wanted);
  if (type.kind !== 'object') return [];
  const faults = value.entries.flatMap(({ key, value: inner }) => {
    if (key === undefined) return [];
    const property = type.props.get(key)?.type ?? type.extra;
    if (!property) return [`${key} is unknown`];
    return mismatches(project, from, inner, { type: property, file }).map((text) => `${key}: ${text}`);
  });
  const missing = [...type.props].filter(
    ([key, property]) =>
      property.type.kind !== 'optional' && !value.entries.some((entry) => entry.key === key),
  );
  return [...faults, ...missing.map(([key]) => `${key} is missing`)];
}

/** Of a union of objects the one whose literal property the value has. */
function chosenMember(project: Project, value: Expr, wanted: TypeIn): TypeIn {
  if (wanted.type.kind !== 'union') return wanted;
  for (const member of wanted.type.members) {
    const resolved = resolveType(project, { type: member, file: wanted.file });
    if (resolved.type.kind !== 'object') continue;
    for (const [key, property] of resolved.type.props) {
      const said = propertyOf(value, key);
      if (property.type.kind === 'literal' && said && literalText(said) === property.type.value)
        return resolved;
    }
  }
  return wanted;
}

/** The kind of a type: string, int, bool, array or object; undefined where it is not to be told. */
export function kindOfType(project: Project, typeIn: TypeIn): string | undefined {
  const { type, file } = resolveType(project, typeIn);
  switch (type.kind) {
    case 'named':
      return NAMED.has(type.name) && type.name !== 'any' ? type.name : undefined;
    case 'literal':
      return typeof type.value === 'string' ? 'string' : typeof type.value === 'number' ? 'int' : 'bool';
    case 'union': {
      const [first] = type.members;
      return first && kindOfType(project, { type: first, file });
    }
    case 'array':
    case 'object':
      return type.kind;
    default:
      return undefined;
  }
}

/** The kind of a value, as far as it is plain from the text. */
function kindOf(project: Project, file: BicepFile, value: Expr): string | undefined {
  switch (value.kind) {
    case 'string':
    case 'array':
    case 'object':
      return value.kind;
    case 'for':
      return 'array';
    case 'literal':
      return typeof value.value === 'number' ? 'int' : typeof value.value === 'boolean' ? 'bool' : undefined;
    case 'unary':
      return value.operator === '!' ? 'bool' : 'int';
    case 'binary':
      return /^(==|!=|=~|!~|<|>|<=|>=|&&|\|\|)$/.test(value.operator) ? 'bool' : undefined;
    case 'call':
      return FUNCTIONS.get(value.name)?.[2];
    case 'name': {
      const param = file.params.find(({ name }) => name === value.name);
      if (param) return kindOfType(project, { type: param.type, file });
      const variable = file.variables.find(({ name }) => name === value.name);
      return variable && kindOf(project, file, variable.value);
    }
    case 'member':
      return kindOfOutput(project, file, value);
    default:
      return undefined;
  }
}

function kindOfOutput(
  project: Project,
  file: BicepFile,
  { of, property }: Expr & { readonly kind: 'member' },
): string | undefined {
  if (of.kind !== 'member' || of.property !== 'outputs') return undefined;
  const root = of.of.kind === 'index' ? of.of.of : of.of;
  const module = root.kind === 'name' ? file.modules.find(({ name }) => name === root.name) : undefined;
  const target = module && fileAt(project, file, module.path);
  const output = target?.outputs.find(({ name }) => name === property);
  return target && output && kindOfType(project, { type: output.type, file: target });
}
