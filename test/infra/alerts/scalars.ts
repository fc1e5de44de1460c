import type { Part } from './syntax.ts';

/** A value of a row: times and spans of time in milliseconds, null where there is none. */
export type Cell = unknown;
export type Row = Readonly<Record<string, Cell>>;

export interface Scope {
  readonly row: Row;
  /** When the question is asked, in milliseconds since 1970. */
  readonly now: number;
  /** The rows that are summarized, where they are. */
  readonly group?: readonly Row[];
}

const SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const numberOf = (value: Cell): number | null => {
  const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isNaN(number) ? null : number;
};

/** Functions of one row. */
const FUNCTIONS: Readonly<Record<string, (now: number, ...args: readonly Cell[]) => Cell>> = {
  ago: (now, span) => now - Number(span),
  iff: (_, condition, then, otherwise) => (condition === true ? then : otherwise),
  isnotempty: (_, value) => value !== null && value !== undefined && value !== '',
  isnull: (_, value) => value === null || value === undefined,
  parse_json: (_, text) => jsonOf(String(text)),
  split: (_, text, by) => String(text).split(String(by)),
  tobool: (_, value) =>
    typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : null,
  toint: (_, value) => numberOf(value),
  tolong: (_, value) => numberOf(value),
  tostring: (_, value) =>
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value),
};

/** Functions of a group of rows. */
const AGGREGATES: Readonly<Record<string, (values: readonly Cell[]) => Cell>> = {
  count: (values) => values.length,
  make_set: (values) => [...new Set(values)],
  max: (values) =>
    values.reduce<number | null>(
      (most, value) => (value === null ? most : Math.max(most ?? Number(value), Number(value))),
      null,
    ),
  min: (values) =>
    values.reduce<number | null>(
      (least, value) => (value === null ? least : Math.min(least ?? Number(value), Number(value))),
      null,
    ),
  sum: (values) => values.reduce<number>((sum, value) => sum + Number(value ?? 0), 0),
};

function jsonOf(text: string): Cell {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What an expression comes to. Only what the alerts ask with is known; all else is an error. */
export function cellOf(part: Part, scope: Scope): Cell {
  const of = (name: string): Cell => cellOf(part.part(name), scope);
  switch (part.kind) {
    case 'NameReference':
      return scope.row[part.text] ?? null;
    case 'PathExpression':
      return (of('Expression') as Row | null)?.[part.part('Selector').text] ?? null;
    case 'ParenthesizedExpression':
      return of('Expression');
    case 'StringLiteralExpression':
      return part.text.slice(1, -1);
    case 'LongLiteralExpression':
      return Number(part.text);
    case 'TimespanLiteralExpression':
      return Number(part.text.slice(0, -1)) * (SPANS[part.text.slice(-1)] ?? Number.NaN);
    case 'AndExpression':
      return of('Left') === true && of('Right') === true;
    case 'OrExpression':
      return of('Left') === true || of('Right') === true;
    case 'StartsWithExpression':
      return String(of('Left'))
        .toLowerCase()
        .startsWith(String(of('Right')).toLowerCase());
    case 'EndsWithExpression':
      return String(of('Left'))
        .toLowerCase()
        .endsWith(String(of('Right')).toLowerCase());
    case 'HasExpression':
      // Whole words.
      return new RegExp(`\\b${String(of('Right'))}\\b`, 'i').test(String(of('Left')));
    case 'InExpression':
      return listed(part, scope);
    case 'NotInExpression':
      return !listed(part, scope);
    case 'BetweenExpression': {
      const [from, to] = [part.part('Right').part('First'), part.part('Right').part('Second')];
      const value = of('Left');
      return compared(value, cellOf(from, scope), '>=') && compared(value, cellOf(to, scope), '<=');
    }
    case 'EqualExpression':
      return compared(of('Left'), of('Right'), '==');
    case 'NotEqualExpression':
      return compared(of('Left'), of('Right'), '!=');
    case 'GreaterThanExpression':
      return compared(of('Left'), of('Right'), '>');
    case 'GreaterThanOrEqualExpression':
      return compared(of('Left'), of('Right'), '>=');
    case 'LessThanExpression':
      return compared(of('Left'), of('Right'), '<');
    case 'FunctionCallExpression':
      return called(part, scope);
    default:
      throw new Error(`No alert was thought to ask with ${part.kind}: ${part.text}`);
  }
}

function listed(part: Part, scope: Scope): boolean {
  const value = cellOf(part.part('Left'), scope);
  return part
    .part('Right')
    .part('Expressions')
    .parts.some((item) => cellOf(item, scope) === value);
}

/** Nothing compares with what is not there. */
function compared(left: Cell, right: Cell, how: '==' | '!=' | '>' | '>=' | '<' | '<='): boolean {
  if (left === null || left === undefined || right === null || right === undefined) return false;
  if (how === '==') return left === right;
  if (how === '!=') return left !== right;
  const [one, other] = [Number(left), Number(right)];
  if (how === '>') return one > other;
  if (how === '<') return one < other;
  return how === '>=' ? one >= other : one <= other;
}

function called(part: Part, scope: Scope): Cell {
  const name = part.part('Name').text;
  const args = part.part('ArgumentList').part('Expressions').parts;
  const aggregate = AGGREGATES[name];
  if (aggregate && scope.group) {
    const [first] = args;
    return aggregate(scope.group.map((row) => (first ? cellOf(first, { now: scope.now, row }) : row)));
  }
  const scalar = FUNCTIONS[name];
  if (!scalar) throw new Error(`No alert was thought to ask with ${name}().`);
  return scalar(scope.now, ...args.map((arg) => cellOf(arg, scope)));
}
