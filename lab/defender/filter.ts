import { FilterError, type Token, tokensOf } from './filter-tokens.ts';
import type { TimeRange } from './live-list.ts';
import { timeKey } from './times.ts';

/** What a property can be compared with: a time, a free text, or one of an enum's members. */
export type FilterProperty = 'time' | 'text' | readonly string[];

export type FilterProperties = Readonly<Record<string, FilterProperty>>;

/** How the value of a property is read from an item: the text, or null. */
export type ReadValue = (property: string) => string | null | undefined;

export interface Filter {
  matches(read: ReadValue): boolean;
  /** The times of a property outside which nothing can match. */
  rangeOf(property: string): TimeRange;
}

const OPERATORS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;
type Operator = (typeof OPERATORS)[number];

interface Comparison {
  readonly kind: 'comparison';
  readonly property: string;
  readonly operator: Operator;
  /** A time's sort key, an enum member in lower case, a text, or null. */
  readonly value: string | null;
  readonly type: FilterProperty;
}

interface Junction<Kind extends 'and' | 'or'> {
  readonly kind: Kind;
  readonly left: Expression;
  readonly right: Expression;
}

type Expression = Comparison | Junction<'and'> | Junction<'or'>;

/**
 * Reads the part of OData's `$filter` that is offered: `and`, `or`, brackets, and comparisons of the given
 * properties. Times are not quoted, texts and enum members are; members may be written in any letter case.
 * @throws FilterError
 */
export function parseFilter(text: string, properties: FilterProperties): Filter {
  const tokens = tokensOf(text);
  let next = 0;

  const wrong = (token: Token | undefined): FilterError =>
    new FilterError(
      token
        ? `Syntax error at position ${token.at} in '${text}'.`
        : `Syntax error: unexpected end of '${text}'.`,
    );

  function word(expected: string): boolean {
    const token = tokens[next];
    if (token?.kind !== 'word' || token.text !== expected) return false;
    next += 1;
    return true;
  }

  function either(): Expression {
    let left: Expression = both();
    while (word('or')) left = { kind: 'or', left, right: both() };
    return left;
  }

  function both(): Expression {
    let left: Expression = term();
    while (word('and')) left = { kind: 'and', left, right: term() };
    return left;
  }

  function term(): Expression {
    const token = tokens[next];
    if (token?.kind !== 'open') return comparison();
    next += 1;
    const inner = either();
    if (tokens[next]?.kind !== 'close') throw wrong(tokens[next]);
    next += 1;
    return inner;
  }

  function comparison(): Comparison {
    const [property, operator, literal] = tokens.slice(next, next + 3);
    if (property?.kind !== 'word') throw wrong(property);
    const type = Object.hasOwn(properties, property.text) ? properties[property.text] : undefined;
    if (type === undefined) throw new FilterError(`Property '${property.text}' cannot be used in $filter.`);
    const known = OPERATORS.find((name) => name === operator?.text);
    if (!known || operator?.kind !== 'word') throw wrong(operator);
    if (!literal) throw wrong(literal);
    next += 3;
    return {
      kind: 'comparison',
      property: property.text,
      operator: known,
      value: literalValue(literal, property.text, known, type),
      type,
    };
  }

  const expression = either();
  if (next < tokens.length) throw wrong(tokens[next]);
  return {
    matches: (read) => holds(expression, read),
    rangeOf: (property) => rangeOf(expression, property),
  };
}

function literalValue(
  token: Token,
  property: string,
  operator: Operator,
  type: FilterProperty,
): string | null {
  const ordering = operator !== 'eq' && operator !== 'ne';
  if (token.kind === 'word' && token.text === 'null' && !ordering) return null;
  if (type === 'time') {
    const key = token.kind === 'time' ? timeKey(token.text) : undefined;
    if (key === undefined) {
      throw new FilterError(
        `'${property}' is an Edm.DateTimeOffset and cannot be compared with '${token.text}'.`,
      );
    }
    return key;
  }
  if (ordering) throw new FilterError(`Operator '${operator}' is not supported for '${property}'.`);
  if (token.kind !== 'text') throw new FilterError(`'${property}' must be compared with a quoted value.`);
  if (type === 'text') return token.text;
  const member = token.text.toLowerCase();
  if (!type.some((name) => name.toLowerCase() === member)) {
    throw new FilterError(`'${token.text}' is not a member of the enumeration of '${property}'.`);
  }
  return member;
}

function holds(expression: Expression, read: ReadValue): boolean {
  if (expression.kind === 'and') return holds(expression.left, read) && holds(expression.right, read);
  if (expression.kind === 'or') return holds(expression.left, read) || holds(expression.right, read);
  const actual = comparable(expression.type, read(expression.property));
  const { operator, value } = expression;
  if (operator === 'eq') return actual === value;
  if (operator === 'ne') return actual !== value;
  if (actual === null || value === null) return false;
  if (operator === 'gt') return actual > value;
  if (operator === 'ge') return actual >= value;
  if (operator === 'lt') return actual < value;
  return actual <= value;
}

function comparable(type: FilterProperty, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'time') return timeKey(value) ?? null;
  return type === 'text' ? value : value.toLowerCase();
}

function rangeOf(expression: Expression, property: string): TimeRange {
  if (expression.kind === 'and') {
    return overlap(rangeOf(expression.left, property), rangeOf(expression.right, property));
  }
  if (expression.kind === 'or' || expression.property !== property || expression.value === null) return {};
  const { operator, value } = expression;
  if (operator === 'eq') return { from: value, to: value };
  if (operator === 'gt' || operator === 'ge') return { from: value };
  if (operator === 'lt' || operator === 'le') return { to: value };
  return {};
}

function overlap(a: TimeRange, b: TimeRange): TimeRange {
  const from = a.from === undefined || (b.from !== undefined && b.from > a.from) ? b.from : a.from;
  const to = a.to === undefined || (b.to !== undefined && b.to < a.to) ? b.to : a.to;
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
