// The grammar's gaps, closed by text of the same length, so that every position stays right. What the gaps are:
// it lacks `extension`, spread and postfix `!`, reads `//` behind an interpolation as a comment, and takes line ends for
// nothing, so that items of a list run together.

const OPENING = new Set(['[', '{', '(']);
/** After these a line goes on; before those it has gone on. */
const GOES_ON_AFTER = /[,[{(?:+*/%=><&|-]$/;
const GOES_ON_BEFORE = /^[\]}),?:+*/%=><&|.]/;

interface Walk {
  readonly source: string;
  readonly out: string[];
}

/** A Bicep text that the grammar can read; as long as the original. */
export function prepare(source: string, isParameters = false): string {
  const walk: Walk = { source, out: source.split('') };
  code(walk, 0, false);
  const bare = walk.out.join('');
  const statements = bare
    .replaceAll(/^(extension [^\n]*|#[^\n]*)$/gm, blank)
    .replaceAll(/(?<=[\w)\]])!(?=[.,)\]\s])/g, ' ')
    // A spread becomes a property without a name: see entriesOf.
    .replaceAll(/\.\.\.(?=[\w({])/g, '_: ');
  const lines = isParameters ? statements.replaceAll(/^param(?= \w+ =)/gm, 'var  ') : statements;
  return withCommas(lines);
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}

function fill(walk: Walk, from: number, to: number, by: string): void {
  for (let at = from; at < to; at++) if (by === 'x' || walk.source[at] !== '\n') walk.out[at] = by;
}

/** Walks code from `at` on, to its end or to the brace that closes an interpolation; returns what comes behind. */
function code(walk: Walk, start: number, isInterpolation: boolean): number {
  const { source } = walk;
  let depth = 0;
  let at = start;
  while (at < source.length) {
    const character = source[at];
    if (source.startsWith('//', at)) at = comment(walk, at, '\n');
    else if (source.startsWith('/*', at)) at = comment(walk, at, '*/');
    else if (source.startsWith("'''", at)) at = blockString(walk, at);
    else if (character === "'") at = string(walk, at + 1);
    else {
      if (character === '{') depth += 1;
      if (character === '}' && --depth < 0 && isInterpolation) return at + 1;
      at += 1;
    }
  }
  return at;
}

function comment(walk: Walk, at: number, until: string): number {
  const found = walk.source.indexOf(until, at);
  const end = found < 0 ? walk.source.length : found + (until === '\n' ? 0 : until.length);
  fill(walk, at, end, ' ');
  return end;
}

function blockString(walk: Walk, at: number): number {
  const found = walk.source.indexOf("'''", at + 3);
  const end = found < 0 ? walk.source.length : found + 3;
  fill(walk, at + 1, end - 1, 'x');
  return end;
}

function string(walk: Walk, start: number): number {
  const { source } = walk;
  let at = start;
  while (at < source.length && source[at] !== '\n') {
    if (source[at] === "'") return at + 1;
    if (source.startsWith('${', at)) at = code(walk, at + 2, true);
    else {
      const length = source[at] === '\\' ? 2 : 1;
      fill(walk, at, at + length, 'x');
      at += length;
    }
  }
  return at;
}

/** Puts a comma in place of each line end that parts two items of a list or an object. */
function withCommas(text: string): string {
  const out = text.split('');
  const open: string[] = [];
  let last = '';
  let line = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    const isItem = open.length > 0 && open.at(-1) !== '(' && !line.startsWith('@');
    if (character === '\n' && isItem && endsItem(last, text, at)) out[at] = last = ',';
    if (character === '\n') line = '';
    if (/\s/.test(character)) continue;
    const end = character === "'" ? skipString(text, at) : at;
    if (OPENING.has(character)) open.push(character);
    if (/[\])}]/.test(character)) open.pop();
    line += character;
    last = character;
    at = end;
  }
  return out.join('');
}

function endsItem(last: string, text: string, at: number): boolean {
  const next = /\S/g;
  next.lastIndex = at;
  return !GOES_ON_AFTER.test(last) && !GOES_ON_BEFORE.test(next.exec(text)?.[0] ?? '');
}

function skipString(text: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < text.length; at++) {
    if (text.startsWith('${', at)) depth += 1;
    else if (depth > 0 && text[at] === '}') depth -= 1;
    else if (depth === 0 && text[at] === "'") return at;
  }
  return text.length;
}
