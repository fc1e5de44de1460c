import { AZURE } from '../azure.ts';
import type { BicepFile, Expr } from '../bicep/ast.ts';
import { entriesOf, propertyOf } from '../checks/walk.ts';
import { evaluate, parametersOf, type Value, type Values } from '../evaluate.ts';
import { type Project, templatesOf } from '../project.ts';

/** A property with the value that it must come to. */
interface Want {
  /** All resources of a type; or one resource, module, output or parameter's default: `modules/function.bicep site`. */
  readonly of: RegExp | string;
  /** Names, and numbers of items, with dots between; empty for the whole. */
  readonly path: string;
  readonly is: Value;
  /** Parameters, and what else the value is made of. */
  readonly given?: Values;
}

/** A row of the baseline: what holds, and changes after which it must not. */
export interface Row {
  readonly row: string;
  /** Each of them is also spoilt by the test: nothing is wanted here that could be wrong unseen. */
  readonly wants?: readonly Want[];
  readonly holds?: (from: Project) => boolean;
  readonly spoil?: readonly (readonly [path: string, from: string, to: string])[];
}

export const rowHolds = (from: Project, { wants = [], holds }: Row): boolean =>
  wants.every((want) => isAsWanted(from, want)) && (holds?.(from) ?? true);

/** Wants of one resource, or of all of a type, by path. */
export const wantsOf = (
  of: RegExp | string,
  wanted: Readonly<Record<string, Value>>,
  given: Values = {},
): readonly Want[] => Object.entries(wanted).map(([path, is]) => ({ of, path, is, given }));

interface Found {
  readonly file: BicepFile;
  readonly name: string;
  readonly value: Expr;
}

function found(from: Project, of: RegExp | string): Found[] {
  const [path, symbol] = typeof of === 'string' ? of.split(' ') : [];
  return templatesOf(from).flatMap((file) => {
    const { resources, modules, outputs, params } = file;
    const declared =
      typeof of === 'string'
        ? [...resources, ...modules, ...outputs, ...params].filter(
            ({ name }) => file.path === path && name === symbol,
          )
        : resources.filter(({ isExisting, type }) => of.test(type) && !isExisting);
    return declared.flatMap(({ name, value }) => (value ? [{ file, name, value }] : []));
  });
}

export const all = (from: Project, type: RegExp): readonly Found[] => found(from, type);

/** Does every resource that is meant have this value there? At least one must exist. */
function isAsWanted(from: Project, { of, path, is, given = {} }: Want): boolean {
  const places = found(from, of);
  return (
    places.length > 0 &&
    places.every(({ file, value }) => {
      const property = at(value, stepsOf(path));
      if (property === undefined) return is === null;
      const names = parametersOf(file, given, { ...AZURE, ...given });
      return JSON.stringify(evaluate(file, property, names)) === JSON.stringify(is);
    })
  );
}

const stepsOf = (path: string): readonly string[] => (path === '' ? [] : path.split('.'));

function at(value: Expr | undefined, [step, ...rest]: readonly string[]): Expr | undefined {
  if (step === undefined || value === undefined) return value;
  const item = /^\d+$/.test(step) && value.kind === 'array' ? value.items[Number(step)] : undefined;
  return at(item ?? propertyOf(value, step), rest);
}

/** The templates with what is wanted there gone, or with a value that nothing wants. */
export function spoiltBy(from: Project, { of, path }: Want, value?: Expr): Project {
  const changed = new Map(from);
  for (const { file, name } of found(from, of)) {
    const spoil = <T extends { readonly name: string; readonly value: Expr | undefined }>(one: T): T =>
      one.name === name && one.value ? { ...one, value: replaced(one.value, stepsOf(path), value) } : one;
    const now = changed.get(file.path) ?? file;
    changed.set(file.path, {
      ...now,
      resources: now.resources.map(spoil),
      modules: now.modules.map(spoil),
      outputs: now.outputs.map(spoil),
      params: now.params.map(spoil),
    });
  }
  return changed;
}

/** A copy of an expression with another value, or none, at a path. */
function replaced(expr: Expr, steps: readonly string[], value: Expr | undefined): Expr {
  const [step, ...rest] = steps;
  if (step === undefined) return value ?? expr;
  const next = (inner: Expr): Expr[] => {
    if (rest.length > 0) return [replaced(inner, rest, value)];
    return value ? [value] : [];
  };
  switch (expr.kind) {
    case 'if':
    case 'for':
      return { ...expr, body: replaced(expr.body, steps, value) };
    case 'ternary': {
      // What is spread into an object, if at all.
      const inner = [expr.then, expr.otherwise].map((part) => replaced(part, steps, value));
      return { kind: 'call', name: 'union', args: inner, at: expr.at };
    }
    case 'group':
      return { ...expr, inner: expr.inner.map((inner) => replaced(inner, steps, value)) };
    case 'array':
      return {
        ...expr,
        items: expr.items.flatMap((item, index) => (String(index) === step ? next(item) : [item])),
      };
    case 'object': {
      const entries = expr.entries.flatMap((entry) => {
        if (entry.key === step) return next(entry.value).map((inner) => ({ ...entry, value: inner }));
        const isSpread = entry.key === undefined && !entry.keyExpr;
        return isSpread ? [{ ...entry, value: replaced(entry.value, steps, value) }] : [entry];
      });
      const isNew = rest.length === 0 && !entriesOf(expr).some(({ key }) => key === step);
      return {
        ...expr,
        entries: isNew && value ? [...entries, { key: step, value, at: expr.at }] : entries,
      };
    }
    default:
      return expr;
  }
}

export const STORAGE = /^Microsoft.Storage\/storageAccounts$/;
export const VAULT = /^Microsoft.KeyVault\/vaults$/;
export const INSIGHTS = /^Microsoft.Insights\/components$/;
export const WORKSPACE = /^Microsoft.OperationalInsights\/workspaces$/;
