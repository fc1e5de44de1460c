import { createHash } from 'node:crypto';
import type { BicepFile, Expr } from './bicep/ast.ts';

export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | Values
  | ((...args: Value[]) => Value);
export interface Values {
  readonly [key: string]: Value;
}
export type Names = ReadonlyMap<string, Value>;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** 13 letters and digits that depend on all arguments, joined as Azure joins them; the letters are not Azure's. */
function uniqueString(...args: Value[]): string {
  return [...createHash('sha256').update(args.join('-')).digest().subarray(0, 13)]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('');
}

const asFunction = (value: Value | undefined): ((...args: Value[]) => Value) => {
  if (typeof value !== 'function') throw new Error('A function is wanted.');
  return value;
};
const asList = (value: Value | undefined): readonly Value[] => {
  if (!Array.isArray(value)) throw new Error('A list is wanted.');
  return value as readonly Value[];
};

/** The nth network of `length` bits in another, as Azure counts: 10.0.0.0/24, 26, 1 → 10.0.0.64/26. IPv4 alone. */
function cidrSubnet(network: Value | undefined, length: Value | undefined, index: Value | undefined): Value {
  const [address = '', outer] = String(network).split('/');
  const size = 2 ** (32 - Number(length));
  const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (Number(outer) > Number(length) || (Number(index) + 1) * size > 2 ** (32 - Number(outer)))
    throw new Error(`${String(network)} has no network ${String(index)} of ${String(length)} bits.`);
  const start = base + Number(index) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.')}/${String(length)}`;
}

/** The functions of Bicep that names, settings and resources are made with. */
const FUNCTIONS: Readonly<Record<string, (...args: Value[]) => Value>> = {
  cidrSubnet: (network, length, index) => cidrSubnet(network, length, index),
  concat: (...lists) => lists.flatMap(asList),
  contains: (where, part) =>
    Array.isArray(where) ? where.includes(part) : String(where).includes(String(part)),
  endsWith: (text, end) => String(text).toLowerCase().endsWith(String(end).toLowerCase()),
  empty: (value) =>
    value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0),
  fail: (text) => {
    throw new Error(String(text));
  },
  flatten: (lists) => asList(lists).flatMap(asList),
  filter: (list, keep) => asList(list).filter((item) => asFunction(keep)(item) === true),
  items: (object) => Object.entries(object as Values).map(([key, value]) => ({ key, value })),
  join: (list, between) => asList(list).join(String(between)),
  length: (value) => (typeof value === 'string' ? value.length : asList(value).length),
  map: (list, make) => asList(list).map((item) => asFunction(make)(item)),
  range: (from, count) => Array.from({ length: Number(count) }, (_, n) => Number(from) + n),
  replace: (text, from, to) => String(text).replaceAll(String(from), () => String(to)),
  // Azure writes booleans so.
  string: (value) =>
    typeof value === 'string'
      ? value
      : typeof value === 'boolean'
        ? value
          ? 'True'
          : 'False'
        : JSON.stringify(value),
  substring: (text, from, length) => String(text).substring(Number(from), Number(from) + Number(length)),
  take: (text, most) => String(text).slice(0, Number(most)),
  toLower: (text) => String(text).toLowerCase(),
  toObject: (list, key, value) =>
    Object.fromEntries(asList(list).map((item) => [String(asFunction(key)(item)), asFunction(value)(item)])),
  union: (...objects) => Object.assign({}, ...objects),
  uniqueString,
};

/** What a function of a template returns. Only what is needed here can be evaluated; all else is an error. */
export function callFunction(file: BicepFile, name: string, args: readonly Value[]): Value {
  const func = file.funcs.find((candidate) => candidate.name === name);
  if (!func) {
    const builtIn = FUNCTIONS[name];
    if (!builtIn) throw new Error(`${name}() cannot be evaluated here.`);
    return builtIn(...args);
  }
  const names = new Map(func.parameters.map((parameter, index) => [parameter.name, args[index] ?? null]));
  return evaluate(file, func.body, names);
}

/** What an expression comes to. `names` has parameters, resources and modules; variables are looked up in the file. */
export function evaluate(file: BicepFile, expr: Expr, names: Names): Value {
  const of = (part: Expr): Value => evaluate(file, part, names);
  switch (expr.kind) {
    case 'string':
      return expr.parts.map((part) => (typeof part === 'string' ? part : String(of(part)))).join('');
    case 'literal':
      return expr.value;
    case 'name': {
      const variable = names.has(expr.name)
        ? undefined
        : file.variables.find(({ name }) => name === expr.name);
      return variable ? of(variable.value) : (names.get(expr.name) ?? null);
    }
    case 'object':
      return Object.assign(
        {},
        ...expr.entries.map(({ key, keyExpr, value }) => {
          const name = key ?? (keyExpr && String(of(keyExpr)));
          return name === undefined ? of(value) : { [name]: of(value) };
        }),
      );
    case 'array':
      return expr.items.map(of);
    case 'call':
      return callOf(file, expr.name, expr.args.map(of), names);
    case 'member': {
      const value = of(expr.of);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return (value as Values)[expr.property] ?? null;
      }
      if (expr.isSafe) return null;
      throw new Error(`${file.path}: ${expr.property} of nothing.`);
    }
    case 'index': {
      const value = of(expr.of);
      const index = of(expr.index);
      return (Array.isArray(value) ? value[Number(index)] : (value as Values)[String(index)]) ?? null;
    }
    case 'for':
      return asList(of(expr.over)).map((item, index) => {
        const [itemName = '', indexName = ''] = expr.names;
        return evaluate(file, expr.body, new Map([...names, [itemName, item], [indexName, index]]));
      });
    case 'group':
      return expr.inner.map(of).at(-1) ?? null;
    case 'ternary':
      return of(of(expr.condition) === true ? expr.then : expr.otherwise);
    case 'unary':
      return expr.operator === '!' ? of(expr.argument) !== true : -Number(of(expr.argument));
    case 'binary':
      return operated(expr.operator, of(expr.left), () => of(expr.right));
    case 'lambda':
      return (...args: Value[]) =>
        evaluate(
          file,
          expr.body,
          new Map([...names, ...expr.parameters.map((name, index) => [name, args[index] ?? null] as const)]),
        );
  }
  throw new Error(`An expression of kind ${expr.kind} cannot be evaluated here.`);
}

/** A function whose answer the caller gives (`environment`, `tenant`), else one of the file or of Bicep. */
function callOf(file: BicepFile, name: string, args: readonly Value[], names: Names): Value {
  const given = names.get(`${name}()`);
  if (typeof given === 'function') return given(...args);
  return given === undefined ? callFunction(file, name, args) : given;
}

function operated(operator: string, left: Value, right: () => Value): Value {
  switch (operator) {
    case '==':
      return left === right();
    case '!=':
      return left !== right();
    case '&&':
      return left === true && right() === true;
    case '||':
      return left === true || right() === true;
    case '??':
      return left ?? right();
    case '+':
      return Number(left) + Number(right());
    default:
      throw new Error(`The operator ${operator} cannot be evaluated here.`);
  }
}

/** A template's parameters: what is given, and the defaults of the others. */
export function parametersOf(file: BicepFile, given: Values, known: Values = {}): Names {
  const names = new Map<string, Value>(Object.entries(known));
  for (const { name, value } of file.params) {
    names.set(name, name in given ? (given[name] ?? null) : value ? evaluate(file, value, names) : null);
  }
  return names;
}

/** What a variable of a template comes to. */
export function variableOf(file: BicepFile | undefined, name: string, names: Names = new Map()): Value {
  const variable = file?.variables.find((candidate) => candidate.name === name);
  if (!file || !variable) throw new Error(`There is no variable ${name}.`);
  return evaluate(file, variable.value, names);
}
