/**
 * Where the parts of a JSON text begin and end, so that a part can be served exactly as it was written:
 * number spelling, key order, repeated keys, escapes and blanks stay. The text must be valid JSON
 * (`JSON.parse` accepts it); that is what makes counting brackets outside strings enough.
 */
export interface Slice {
  readonly start: number;
  /** One past the last character. */
  readonly end: number;
}

export interface Member {
  /** The key with its escapes resolved. */
  readonly key: string;
  /** From the opening quote of the key to the end of the value. */
  readonly whole: Slice;
  readonly value: Slice;
}

/** The elements of a JSON array, without the blanks around them. */
export function elementsOf(text: string): Slice[] {
  return partsOf(text, '[');
}

/** The members of a JSON object in the order written, repeated keys included. */
export function membersOf(text: string): Member[] {
  return partsOf(text, '{').map((part) => {
    const keyEnd = endOfString(text, part.start);
    const colon = skipBlanks(text, keyEnd);
    return {
      key: JSON.parse(text.slice(part.start, keyEnd)) as string,
      whole: part,
      value: { start: skipBlanks(text, colon + 1), end: part.end },
    };
  });
}

/** The object's text without the members that `drop` names; everything else stays as written. */
export function withoutMembers(text: string, drop: (key: string) => boolean): string {
  const kept: string[] = [];
  let dropped = false;
  for (const member of membersOf(text)) {
    if (drop(member.key)) dropped = true;
    else kept.push(text.slice(member.whole.start, member.whole.end));
  }
  return dropped ? `{${kept.join(',')}}` : text;
}

export const sliceText = (text: string, slice: Slice): string => text.slice(slice.start, slice.end);

function partsOf(text: string, opening: '[' | '{'): Slice[] {
  const first = skipBlanks(text, 0);
  if (text[first] !== opening) throw new Error(`expected ${opening} at character ${first}`);
  const parts: Slice[] = [];
  let at = skipBlanks(text, first + 1);
  while (at < text.length && text[at] !== ']' && text[at] !== '}') {
    const stop = endOfPart(text, at);
    parts.push({ start: at, end: trimEnd(text, stop) });
    at = text[stop] === ',' ? skipBlanks(text, stop + 1) : stop;
  }
  return parts;
}

/** The comma or closing bracket that ends the part starting at `from`. */
function endOfPart(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (depth === 0 && (char === ',' || char === ']' || char === '}')) return at;
    if (char === '[' || char === '{') depth += 1;
    if (char === ']' || char === '}') depth -= 1;
    at += 1;
  }
  throw new Error(`unfinished value at character ${from}`);
}

/** One past the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw new Error(`unfinished string at character ${from}`);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text[at])) at += 1;
  return at;
}

function trimEnd(text: string, end: number): number {
  let at = end;
  while (isBlank(text[at - 1])) at -= 1;
  return at;
}

const isBlank = (char: string | undefined): boolean =>
  char === ' ' || char === '\n' || char === '\r' || char === '\t';
