import { type Literal, ValueFault } from './value.ts';

const INTEGER = /^[+-]?\d{1,30}$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DECIMAL = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/;
/** Of KQL's decimal: https://learn.microsoft.com/kusto/query/scalar-data-types/decimal */
const DECIMAL_DIGITS = 34;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** A whole number of `bits` bits besides the sign. @throws ValueFault */
export function integerFrom(value: unknown, type: 'int' | 'long', bits: bigint): Literal {
  const whole = wholeNumber(value);
  if (whole < -(2n ** bits) || whole >= 2n ** bits) throw new ValueFault(`is out of the range of ${type}`);
  return { kql: `${type}(${whole})`, order: whole };
}

function wholeNumber(value: unknown): bigint {
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value.replace('+', ''));
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ValueFault('is no whole number');
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new ValueFault('is too large to be exact as a JSON number: give it as text');
}

/** A 64-bit floating-point number; the texts `nan`, `inf`, `+inf` and `-inf` too. @throws ValueFault */
export function floatFrom(value: unknown): Literal {
  const number = typeof value === 'string' ? floatOfText(value) : value;
  if (typeof number !== 'number') throw new ValueFault('is no number');
  if (Number.isNaN(number)) return { kql: 'real(nan)' };
  if (!Number.isFinite(number)) return { kql: `real(${number > 0 ? '+' : '-'}inf)`, order: number };
  return { kql: `real(${number})`, order: number };
}

function floatOfText(text: string): number {
  const special = SPECIAL[text.toLowerCase()];
  if (special !== undefined) return special;
  if (!FLOAT.test(text)) throw new ValueFault('is no number');
  const number = Number(text);
  if (!Number.isFinite(number)) throw new ValueFault('is out of the range of real');
  return number;
}

/** A decimal of at most 34 digits, all of them kept. @throws ValueFault */
export function decimalFrom(value: unknown): Literal {
  const text = typeof value === 'number' ? String(value) : value;
  const parts = typeof text === 'string' && /\d/.test(text) ? DECIMAL.exec(text) : null;
  if (!parts) throw new ValueFault('is no decimal in digits');
  const [, sign = '', whole = '', fraction = ''] = parts;
  if (whole.length + fraction.length > DECIMAL_DIGITS) {
    throw new ValueFault(`has more than the ${DECIMAL_DIGITS} digits of a decimal`);
  }
  const digits = `${whole || '0'}${fraction && `.${fraction}`}`;
  const scaled = BigInt(whole + fraction.padEnd(DECIMAL_DIGITS, '0'));
  const negative = sign === '-' && scaled !== 0n;
  return { kql: `decimal(${negative ? '-' : ''}${digits})`, order: negative ? -scaled : scaled };
}
