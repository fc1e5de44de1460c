import type { BicepFile, Entry, Expr, Resource } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import type { FactBody, FactProps, Facts, FactType } from '../facts/types.ts';
import { finding, type Project, templatesOf } from '../project.ts';
import { bodyOf, entriesOf, propertyOf } from './walk.ts';

/** What belongs to Bicep, not to a resource's type. */
const BICEP_OWN = new Set(['parent', 'scope', 'dependsOn']);
/** What an `existing` resource may say: where it is. */
const FINDS = new Set(['name', 'appId', 'uniqueName', ...BICEP_OWN]);

interface Context {
  readonly file: BicepFile;
  readonly facts: Facts;
  readonly findings: string[];
  /** Types that were looked at: what the extract of the facts must have. */
  readonly seen: Set<string>;
}

/** Unknown, missing, read-only and wrongly valued properties of every resource, by the published types. */
export function checkResourceBodies(
  project: Project,
  facts: Facts,
  seen: Set<string> = new Set(),
): readonly string[] {
  const findings: string[] = [];
  for (const file of templatesOf(project)) {
    for (const resource of file.resources) checkResource({ file, facts, findings, seen }, resource);
  }
  return findings;
}

/** Types compare without case. */
export function factKey(facts: Pick<Facts, 'resources'>, { type, version }: Resource): string | undefined {
  const wanted = `${type}@${version}`.toLowerCase();
  return Object.keys(facts.resources).find((key) => key.toLowerCase() === wanted);
}

function checkResource(context: Context, resource: Resource): void {
  const { facts, file, seen } = context;
  const key = factKey(facts, resource);
  const fact = key === undefined ? undefined : facts.resources[key];
  if (key === undefined || !fact) {
    tell(context, resource, `${resource.type}@${resource.version} is no type or version that is known here`);
    return;
  }
  seen.add(key);
  const body = bodyOf(resource.value);
  if (body.kind !== 'object') return;
  if (fact.extension !== undefined && !file.extensions.includes(`${fact.extension}V1`)) {
    tell(context, resource, `${resource.type} needs the extension ${fact.extension}V1`);
  }
  const hasScope = propertyOf(body, 'scope') !== undefined || propertyOf(body, 'parent') !== undefined;
  if (fact.scopes && !hasScope && !fact.scopes.includes(file.scope)) {
    const what = resource.isExisting ? 'found in' : 'deployed to';
    tell(context, resource, `${resource.type} cannot be ${what} a ${file.scope}`);
  }
  if (resource.isExisting) {
    for (const entry of body.entries) {
      if (entry.key !== undefined && !FINDS.has(entry.key))
        tell(context, entry, `existing: ${entry.key} is not looked up`);
    }
    return;
  }
  if (fact.readOnly === true) tell(context, resource, `${resource.type} can only be existing`);
  checkObject(
    context,
    { ...body, entries: entriesOf(body).filter(({ key: name }) => !BICEP_OWN.has(name ?? '')) },
    fact.body,
  );
}

function tell({ findings, file }: Context, { at }: { readonly at: number }, text: string): void {
  findings.push(finding(file, at, text));
}

function checkObject(context: Context, object: Expr & { readonly kind: 'object' }, id: string): void {
  const type = typeNamed(context, id);
  const chosen = chosenCase(context, object, type);
  const props: FactProps = { ...type.props, ...chosen?.props };
  const extra = type.extra ?? chosen?.extra;
  const entries = entriesOf(object);
  for (const entry of entries) checkEntry(context, entry, props, extra);
  if (entries.some(({ key }) => key === undefined)) return;
  for (const [name, [, flags = '']] of Object.entries(props)) {
    const isMissing = flags.includes('r') && !flags.includes('o') && !entries.some(({ key }) => key === name);
    if (isMissing) tell(context, object, `${name} is missing`);
  }
}

function typeNamed({ facts, seen }: Context, id: string): FactBody {
  const type = facts.types[id];
  if (!type) throw new Error(`No facts about ${id}: node test/infra/facts/extract.ts`);
  seen.add(id);
  return type;
}

function chosenCase(
  context: Context,
  object: Expr & { readonly kind: 'object' },
  { on, cases }: FactBody,
): FactBody | undefined {
  if (on === undefined || !cases) return undefined;
  const value = propertyOf(object, on);
  const chosen = value && literalText(value);
  if (chosen === undefined) return undefined;
  const id = cases[chosen];
  if (id !== undefined) return typeNamed(context, id);
  tell(context, value ?? object, `${on} '${chosen}' is none of ${Object.keys(cases).join(', ')}`);
  return undefined;
}

function checkEntry(
  context: Context,
  { key, value, at }: Entry,
  props: FactProps,
  extra: FactType | undefined,
): void {
  if (key === undefined) return;
  const [type, flags = ''] = props[key] ?? [extra];
  if (type === undefined) tell(context, { at }, `${key} is unknown`);
  else if (flags.includes('o')) tell(context, { at }, `${key} is read-only`);
  else checkValue(context, value, type);
}

function checkValue(context: Context, value: Expr, type: FactType): void {
  switch (value.kind) {
    case 'ternary':
      checkValue(context, value.then, type);
      checkValue(context, value.otherwise, type);
      return;
    case 'group':
      for (const inner of value.inner) checkValue(context, inner, type);
      return;
    case 'name': {
      const variable = context.file.variables.find(({ name }) => name === value.name);
      if (variable) checkValue(context, variable.value, type);
      return;
    }
    case 'for':
      if (typeof type === 'object' && 'array' in type) checkValue(context, value.body, type.array);
      else if (type !== 'any' && type !== 'array') tell(context, value, 'is a list where none is wanted');
      return;
    case 'call':
      checkCall(context, value, type);
      return;
    case 'string':
    case 'literal':
    case 'object':
    case 'array':
      checkLiteral(context, value, type);
      return;
    default:
      return;
  }
}

/** What a list is made of: `map(list, x => {…})`, `concat(a, b)`. */
function checkCall(context: Context, call: Expr & { readonly kind: 'call' }, type: FactType): void {
  if (call.name === 'concat') for (const part of call.args) checkValue(context, part, type);
  const [, make] = call.name === 'map' ? call.args : [];
  if (make?.kind === 'lambda' && typeof type === 'object' && 'array' in type) {
    checkValue(context, make.body, type.array);
  }
}

type Literal = Extract<Expr, { kind: 'string' | 'literal' | 'object' | 'array' }>;

function checkLiteral(context: Context, value: Literal, type: FactType): void {
  if (value.kind === 'literal' && value.value === null) return;
  if (typeof type === 'object' && 'union' in type) {
    const faults = type.union.map((member) => {
      const findings: string[] = [];
      checkLiteral({ ...context, findings }, value, member);
      return findings;
    });
    if (faults.every((found) => found.length > 0)) context.findings.push(...(faults[0] ?? []));
    return;
  }
  const wanted = kindOf(type);
  if (wanted !== 'any' && wanted !== kindOfValue(value)) {
    tell(context, value, `is ${kindOfValue(value)}, ${wanted} is wanted`);
    return;
  }
  if (typeof type === 'string') return;
  if (value.kind === 'object') checkMapOrObject(context, value, type);
  if (value.kind === 'array' && 'array' in type)
    for (const item of value.items) checkValue(context, item, type.array);
  if (value.kind === 'string') checkText(context, value, type);
}

function checkMapOrObject(context: Context, value: Expr & { readonly kind: 'object' }, type: FactType): void {
  if (typeof type !== 'object') return;
  if ('ref' in type) checkObject(context, value, type.ref);
  if ('map' in type) for (const entry of value.entries) checkValue(context, entry.value, type.map);
}

function checkText(context: Context, value: Literal, type: Exclude<FactType, string>): void {
  const text = literalText(value);
  if (text === undefined) return;
  if ('enum' in type && !type.enum.includes(text)) {
    // The service would take other words; no other is meant here.
    tell(context, value, `'${text}' is none of ${type.enum.join(', ')}`);
  }
  if (!('is' in type)) return;
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = type;
  if (text.length < min || text.length > max)
    tell(context, value, `'${text}' is not ${min} to ${max} characters long`);
  if (pattern !== undefined && !new RegExp(pattern).test(text))
    tell(context, value, `'${text}' does not match ${pattern}`);
}

function kindOf(type: FactType): string {
  if (typeof type === 'string') return type;
  if ('is' in type) return type.is;
  if ('enum' in type) return typeof type.enum[0] === 'number' ? 'int' : 'string';
  if ('array' in type) return 'array';
  return 'object';
}

function kindOfValue(value: Literal): string {
  if (value.kind !== 'literal') return value.kind;
  return typeof value.value === 'number' ? 'int' : 'bool';
}
