import type { PaddedTime } from '../time.ts';
import { padTime } from '../time.ts';
import { isRecord, membersOf } from './raw-json.ts';

/** The parsed fields of one item of a page, beside its text. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses the text of one item.
 *
 * @throws SyntaxError if it is not a JSON object.
 */
export function fieldsOf(text: string): Fields {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new SyntaxError('an item is not an object');
  return value;
}

/**
 * An id as text. Where the service sends a number its digits are taken from the text, exact beyond 2^53.
 *
 * @returns undefined if there is none, or it is empty or of another type.
 */
export function idText(fields: Fields, key: string, text: string): string | undefined {
  const value = fields[key];
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value !== 'number') return undefined;
  if (Number.isSafeInteger(value)) return String(value);
  const { start, end } =
    membersOf(text, text.indexOf('{')).findLast((member) => member.key === key)?.value ?? {};
  const digits = text.slice(start, end);
  return /^-?\d+$/.test(digits) ? digits : undefined;
}

/** Text of a field, or undefined when it is missing, null or of another type. */
export function textOf(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}

/** The first of the named fields that holds a time, padded. */
export function firstTime(fields: Fields, keys: readonly string[]): PaddedTime | undefined {
  for (const key of keys) {
    const time = padTime(textOf(fields, key) ?? '');
    if (time !== undefined) return time;
  }
  return undefined;
}
