/** A `$filter` that cannot be understood or is not offered; the message goes into the 400's body. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

export interface Token {
  readonly kind: 'open' | 'close' | 'word' | 'text' | 'time';
  /** A text's content with `''` resolved; anything else as written. */
  readonly text: string;
  readonly at: number;
}

const PATTERNS: readonly (readonly [Token['kind'] | 'blank', RegExp])[] = [
  ['blank', /\s+/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['text', /'(?:[^']|'')*'/y],
  ['time', /\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})/y],
  ['word', /[A-Za-z_][A-Za-z0-9_./]*/y],
];

/** Splits an OData filter expression. @throws FilterError */
export function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < filter.length) {
    const token = tokenAt(filter, at);
    if (!token) throw new FilterError(`Syntax error at position ${at} in '${filter}'.`);
    if (token.kind !== 'blank') tokens.push({ kind: token.kind, text: contentOf(token), at });
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(filter: string, at: number): { kind: Token['kind'] | 'blank'; text: string } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(filter);
    if (found) return { kind, text: found[0] };
  }
  return undefined;
}

const contentOf = (token: { kind: Token['kind'] | 'blank'; text: string }): string =>
  token.kind === 'text' ? token.text.slice(1, -1).replaceAll("''", "'") : token.text;
