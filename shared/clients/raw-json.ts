import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../json-characters.ts';

/**
 * Where the parts of a JSON text begin and end, so that a part can be kept exactly as the service wrote it:
 * number spelling (`1.0`, 2^63-1, `1e400`), key order, repeated keys and escapes stay. `JSON.parse` gives values
 * only, and of the libraries that keep numbers none gives back the text.
 *
 * The scan only matches brackets outside of strings, in one pass and without recursion, so that hostile nesting
 * costs nothing. It does not validate: whoever uses a slice parses it, and what is between the slices is parsed
 * once by {@link readCollection}. A text of which every part is valid JSON is valid JSON.
 */

/** From `start` to one before `end`, in UTF-16 units. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** One member of an object: the key with its escapes resolved, where it begins, and where its value is. */
export interface Member {
  readonly key: string;
  readonly keyStart: number;
  readonly value: Slice;
}

/** A page of a collection: the texts of the elements of `value`, and the link to the next page. */
export interface Collection {
  readonly elements: readonly string[];
  readonly nextLink: string | undefined;
}

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads a page `{"value": [...], "@odata.nextLink": "..."}`; where a key is repeated the last one counts, as in
 * `JSON.parse`. The elements themselves are not parsed.
 *
 * @throws SyntaxError if the text around the elements is not such a page.
 */
export function readCollection(text: string): Collection {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const elements = lastValueArray(text, start);
  const frame: unknown = JSON.parse(withPlaceholders(text, start, elements));
  if (!isRecord(frame) || !Array.isArray(frame.value)) throw new SyntaxError('no array "value"');
  const link = frame['@odata.nextLink'] ?? undefined;
  if (link !== undefined && typeof link !== 'string') throw new SyntaxError('"@odata.nextLink" is no text');
  return { elements: elements.map((slice) => text.slice(slice.start, slice.end)), nextLink: link };
}

/**
 * The members of the object that begins at `at`, in the order written, repeated keys included.
 *
 * @throws SyntaxError if no object begins there or it does not end.
 */
export function membersOf(text: string, at = 0): Member[] {
  const members: Member[] = [];
  eachMember(text, at, (key, keyStart, start) => {
    const end = skipValue(text, start);
    members.push({ key, keyStart, value: { start, end } });
    return end;
  });
  return members;
}

/**
 * The elements of the array that begins at `at`, without the blanks around them, and where the array ends.
 *
 * @throws SyntaxError if no array begins there or it does not end.
 */
export function elementsOf(text: string, at = 0): { readonly elements: Slice[]; readonly end: number } {
  const elements: Slice[] = [];
  let next = skipBlanks(text, expect(text, skipBlanks(text, at), OPEN_ARRAY));
  while (text.charCodeAt(next) !== CLOSE_ARRAY) {
    const end = skipValue(text, next);
    elements.push({ start: next, end });
    next = skipBlanks(text, end);
    if (text.charCodeAt(next) === COMMA) next = skipBlanks(text, next + 1);
    else if (text.charCodeAt(next) !== CLOSE_ARRAY) throw unexpected(next);
  }
  return { elements, end: next + 1 };
}

function lastValueArray(text: string, start: number): Slice[] {
  let found: Slice[] = [];
  eachMember(text, start, (key, _keyStart, valueStart) => {
    if (key !== 'value' || text.charCodeAt(valueStart) !== OPEN_ARRAY) return skipValue(text, valueStart);
    const { elements, end } = elementsOf(text, valueStart);
    found = elements;
    return end;
  });
  return found;
}

/** The text from `start` on with a `0` in the place of each element. */
function withPlaceholders(text: string, start: number, elements: readonly Slice[]): string {
  let frame = '';
  let from = start;
  for (const element of elements) {
    frame += `${text.slice(from, element.start)}0`;
    from = element.end;
  }
  return frame + text.slice(from);
}

/** Calls `visit` for each member; it returns where the member's value ends. */
function eachMember(
  text: string,
  at: number,
  visit: (key: string, keyStart: number, valueStart: number) => number,
): void {
  let next = skipBlanks(text, expect(text, skipBlanks(text, at), OPEN_OBJECT));
  while (text.charCodeAt(next) !== CLOSE_OBJECT) {
    expect(text, next, QUOTE);
    const keyEnd = skipString(text, next);
    const valueStart = skipBlanks(text, expect(text, skipBlanks(text, keyEnd), COLON));
    next = skipBlanks(text, visit(keyOf(text, next, keyEnd), next, valueStart));
    if (text.charCodeAt(next) === COMMA) next = skipBlanks(text, next + 1);
    else if (text.charCodeAt(next) !== CLOSE_OBJECT) throw unexpected(next);
  }
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? String(JSON.parse(text.slice(start, end))) : raw;
}

/** Where the value that begins at `at` ends. */
function skipValue(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return skipString(text, at);
  if (code === OPEN_OBJECT || code === OPEN_ARRAY) return skipNested(text, at);
  let end = at;
  while (end < text.length && !endsScalar(text.charCodeAt(end))) end += 1;
  if (end === at) throw unexpected(at);
  return end;
}

function skipNested(text: string, at: number): number {
  const { length } = text;
  let depth = 0;
  for (let next = at; next < length; next += 1) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) {
      next = skipString(text, next) - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  throw unexpected(length);
}

/**
 * Where the string that opens at `at` ends: one past its closing quote. The search for the quote is the engine's
 * own, several times faster than a loop over characters.
 */
function skipString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote !== -1) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  throw unexpected(text.length);
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (isBlank(text.charCodeAt(next))) next += 1;
  return next;
}

function expect(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw unexpected(at);
  return at + 1;
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const endsScalar = (code: number): boolean =>
  code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || isBlank(code);

const unexpected = (at: number): SyntaxError => new SyntaxError(`not JSON at character ${at}`);

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
