import type { ScalarType } from '../query.ts';
import { decimalFrom, floatFrom, integerFrom } from './numbers.ts';
import { datetimeFrom, timespanFrom } from './times.ts';
import { type Literal, ValueFault } from './value.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const READERS: Readonly<Record<ScalarType, (value: unknown) => Literal>> = {
  string: stringLiteral,
  int: (value) => integerFrom(value, 'int', 31n),
  long: (value) => integerFrom(value, 'long', 63n),
  real: floatFrom,
  decimal: decimalFrom,
  bool: boolLiteral,
  datetime: datetimeFrom,
  timespan: timespanFrom,
  guid: guidLiteral,
};

/**
 * The literal of one value. Numbers, booleans and texts are taken; each type's text forms are those of KQL and of
 * ISO 8601.
 *
 * @throws ValueFault saying what the value should be; it never repeats the value.
 */
export function literalOf(type: ScalarType, value: unknown): Literal {
  return READERS[type](value);
}

/** The literal of a list of values: a `dynamic` array. @throws ValueFault */
export function listLiteralOf(type: ScalarType, values: readonly unknown[]): string {
  return `dynamic([${values.map((value) => elementOf(type, value)).join(', ')}])`;
}

/** What stands for a value that was not given. KQL's strings have no null. */
export function nullLiteral(type: ScalarType, list: boolean): string {
  if (list) return 'dynamic([])';
  if (type === 'string') return '""';
  return `${type === 'timespan' ? 'time' : type}(null)`;
}

/** KQL's dynamic holds no decimals: https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic */
function elementOf(type: ScalarType, value: unknown): string {
  if (type !== 'decimal') return literalOf(type, value).kql;
  const digits = literalOf(type, value).kql.slice('decimal('.length, -1);
  const real = literalOf('real', digits).kql;
  if (decimalFrom(real.slice('real('.length, -1)).kql === `decimal(${digits})`) return real;
  throw new ValueFault('has more digits than KQL keeps in a list of decimals (which are reals there)');
}

/** https://learn.microsoft.com/kusto/query/scalar-data-types/string : escapes of a string in double quotes. */
function stringLiteral(value: unknown): Literal {
  if (typeof value !== 'string') throw new ValueFault('is no text');
  if (!value.isWellFormed()) throw new ValueFault('holds half of a surrogate pair, which no query can carry');
  const escaped = value.replaceAll(
    /[^ !#-[\]-~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { kql: `"${escaped}"` };
}

function boolLiteral(value: unknown): Literal {
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  if (text === true || text === 'true') return { kql: 'bool(true)' };
  if (text === false || text === 'false') return { kql: 'bool(false)' };
  throw new ValueFault('is neither true nor false');
}

function guidLiteral(value: unknown): Literal {
  if (typeof value === 'string' && GUID.test(value)) return { kql: `guid(${value.toLowerCase()})` };
  throw new ValueFault('is no GUID');
}
