/** A string literal or comment in KQL, with its marks. */
export interface KqlStretch {
  readonly kind: 'string' | 'comment';
  readonly start: number;
  readonly end: number;
  /** Where a string's content begins and ends. */
  readonly contentStart: number;
  readonly contentEnd: number;
}

const OPENING = /\/\/|[hH]?@?["']|`{3}|~{3}/g;

/**
 * Comments and string literals of a KQL text, in order, by its lexical rules alone: quoted with `"` or `'`, verbatim
 * with `@`, obfuscated with `h`, over several lines with three backticks or tildes. What is not closed ends at the
 * end of its line, or of the text.
 */
export function stretchesOf(text: string): readonly KqlStretch[] {
  const stretches: KqlStretch[] = [];
  OPENING.lastIndex = 0;
  for (let match = OPENING.exec(text); match; match = OPENING.exec(text)) {
    const stretch = stretchAt(text, match.index, match[0]);
    stretches.push(stretch);
    OPENING.lastIndex = stretch.end;
  }
  return stretches;
}

function stretchAt(text: string, start: number, opening: string): KqlStretch {
  const contentStart = start + opening.length;
  const lineEnd = endOfLine(text, contentStart);
  if (opening === '//') {
    return { kind: 'comment', start, end: lineEnd, contentStart, contentEnd: lineEnd };
  }
  const mark = opening.replace(/^[hH]?@?/, '');
  const contentEnd =
    closingOf(text, contentStart, mark, opening.includes('@')) ?? (mark.length === 3 ? text.length : lineEnd);
  const end = Math.min(
    text.length,
    text.startsWith(mark, contentEnd) ? contentEnd + mark.length : contentEnd,
  );
  return { kind: 'string', start, end, contentStart, contentEnd };
}

function closingOf(text: string, from: number, mark: string, verbatim: boolean): number | undefined {
  if (mark.length === 3) {
    const end = text.indexOf(mark, from);
    return end === -1 ? undefined : end;
  }
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n' || character === '\r') return undefined;
    if (!verbatim && character === '\\') at += 1;
    else if (character === mark) {
      if (!verbatim || text[at + 1] !== mark) return at;
      at += 1;
    }
  }
  return undefined;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
