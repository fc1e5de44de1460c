import { createHash } from 'node:crypto';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../json-characters.ts';
import type { ApiFamily } from '../tenant.ts';

/**
 * The number of the rule below. A change of the rule gives every incident another version; stored with it, so
 * that such a change replaces rows without being announced as a change of the incident.
 */
export const VERSION_RULE = 1;

/**
 * The version of an incident: SHA-256, in hex, of its canonical form. Two reads have the same version exactly
 * when they say the same: member order, the order of arrays (none of the API's has a promised order) and
 * `@odata.*` annotations other than `@odata.type` do not count, number spelling does. No other member is known to
 * differ between two reads of an unchanged incident; one that does is to be dropped here, with a new rule number.
 *
 * @param text the incident's JSON text as received; valid JSON, as whoever received it has made sure
 */
export function versionOf(text: string, family: ApiFamily): string {
  return createHash('sha256').update(`${family}\n`).update(canonicalText(text)).digest('hex');
}

/**
 * The canonical form itself; exported for tests and for people who ask why two versions differ. A text nested deeper
 * than the stack allows stands for itself: it may be announced again when only its order changed.
 *
 * Read from the text, not from parsed values: numbers stay as they are spelled, and most strings are taken over as
 * they stand, which is several times as fast as parsing and writing them again.
 *
 * @throws SyntaxError for a text that ends too early or has no value where one must be
 */
export function canonicalText(text: string): string {
  try {
    return readValue({ text, raw: text.isWellFormed(), at: 0 });
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/** How far the text is read. */
interface Cursor {
  readonly text: string;
  /** A string without escapes is in canonical form already: the text has no half surrogate pair. */
  readonly raw: boolean;
  at: number;
}

const SPACE = 0x20;

function readValue(cursor: Cursor): string {
  switch (nextCode(cursor)) {
    case OPEN_OBJECT:
      return readObject(cursor);
    case OPEN_ARRAY:
      return readArray(cursor);
    case QUOTE:
      return readString(cursor);
    default:
      return readScalar(cursor);
  }
}

function readObject(cursor: Cursor): string {
  // Of a name that is repeated the last one counts, as in `JSON.parse`.
  const members = new Map<string, string>();
  cursor.at++;
  while (nextCode(cursor) !== CLOSE_OBJECT) {
    const written = readString(cursor);
    nextCode(cursor);
    cursor.at++; // the colon
    const name = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
    members.set(name, `${written}:${readValue(cursor)}`);
    if (nextCode(cursor) === COMMA) cursor.at++;
  }
  cursor.at++;
  const names = [...members.keys()].filter(counts).sort();
  return `{${names.map((name) => members.get(name)).join()}}`;
}

function counts(name: string): boolean {
  return name === '@odata.type' || !name.includes('@odata.');
}

function readArray(cursor: Cursor): string {
  const elements: string[] = [];
  cursor.at++;
  while (nextCode(cursor) !== CLOSE_ARRAY) {
    elements.push(readValue(cursor));
    if (nextCode(cursor) === COMMA) cursor.at++;
  }
  cursor.at++;
  return `[${elements.sort().join()}]`;
}

/** The string at the cursor, quotes included; one with escapes as `JSON.stringify` writes it. */
function readString(cursor: Cursor): string {
  const { text, at } = cursor;
  let quote = text.indexOf('"', at + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  if (quote === -1) throw new SyntaxError(`a string does not end, from character ${at}`);
  cursor.at = quote + 1;
  const written = text.slice(at, cursor.at);
  return cursor.raw && !written.includes('\\') ? written : JSON.stringify(JSON.parse(written));
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (quote - before) % 2 === 0;
}

/** A number, `true`, `false` or `null`, as it is spelled. */
function readScalar(cursor: Cursor): string {
  const { text, at } = cursor;
  let end = at;
  while (end < text.length && !endsScalar(text.charCodeAt(end))) end++;
  if (end === at) throw new SyntaxError(`no value at character ${at}`);
  cursor.at = end;
  return text.slice(at, end);
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || code <= SPACE;
}

/** The code of the next character that is no blank; the cursor stands there then. */
function nextCode(cursor: Cursor): number {
  let code = cursor.text.charCodeAt(cursor.at);
  while (code <= SPACE) code = cursor.text.charCodeAt(++cursor.at);
  // Past the end there is no code.
  if (Number.isNaN(code)) throw new SyntaxError('the text ends too early');
  return code;
}
