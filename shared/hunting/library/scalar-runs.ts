import { Scalar } from 'yaml';
import { lineStarts, type Run } from './positions.ts';

/**
 * Where each character of a YAML scalar's value stands in the file. The value is built once more from the source by
 * the rules of YAML 1.2 and compared with what the parser made of it, so that the answer is exact or, for a form not
 * known here, at least the scalar's first line, but never another character's place.
 *
 * @param file the whole file's text
 */
export function scalarRuns(file: string, node: Scalar): readonly Run[] {
  const value = String(node.value);
  const [start = 0, end = start] = node.range ?? [];
  return runsOf(file, node, value, start, end) ?? lineStarts(value).map((at) => ({ at, offset: start }));
}

function runsOf(
  file: string,
  node: Scalar,
  value: string,
  start: number,
  end: number,
): readonly Run[] | undefined {
  switch (node.type) {
    case Scalar.BLOCK_LITERAL:
      return literalRuns(file, value, file.indexOf('\n', start) + 1, end);
    case Scalar.BLOCK_FOLDED:
      return foldedRuns(file, value, file.indexOf('\n', start) + 1, end);
    case Scalar.QUOTE_DOUBLE:
      return flowRuns(file, value, start + 1, end - 1, doubleQuoted);
    case Scalar.QUOTE_SINGLE:
      return flowRuns(file, value, start + 1, end - 1, singleQuoted);
    case Scalar.PLAIN:
      return flowRuns(file, value, start, end, plain);
    default:
      return undefined;
  }
}

interface SourceLine {
  readonly offset: number;
  readonly text: string;
}

function sourceLines(file: string, start: number, end: number): readonly SourceLine[] {
  const content = file.slice(start, end);
  const starts = lineStarts(content);
  return starts.map((at, index) => ({
    offset: start + at,
    text: content.slice(at, (starts[index + 1] ?? content.length + 1) - 1).replace(/\r$/, ''),
  }));
}

/** `|`: a line of the value is a line of the file less its indentation. */
function literalRuns(file: string, value: string, start: number, end: number): readonly Run[] | undefined {
  const source = sourceLines(file, start, end);
  const runs: Run[] = [];
  let at = 0;
  for (const [index, text] of value.split('\n').entries()) {
    const line = source[index] ?? { offset: end, text: '' };
    if (!line.text.endsWith(text)) return undefined;
    runs.push({ at, offset: line.offset + line.text.length - text.length });
    at += text.length + 1;
  }
  return runs;
}

/** `>`: a line end between two lines of text became a blank; others are as many line ends as there were empty lines. */
function foldedRuns(file: string, value: string, start: number, end: number): readonly Run[] | undefined {
  const source = sourceLines(file, start, end);
  const indent = foldedIndent(value, source);
  const runs: Run[] = [];
  let at = 0;
  // As many line ends as empty lines, from the one of index `empty` on.
  const lineEndsFrom = (empty: number): void => {
    for (let index = empty; value[at] === '\n'; at += 1, index += 1) {
      const line = source[index] ?? { offset: end, text: '' };
      runs.push({ at, offset: line.offset + line.text.length });
    }
  };
  lineEndsFrom(0);
  for (const [index, { offset, text }] of source.entries()) {
    const content = text.slice(indent);
    if (content === '') continue;
    if (!value.startsWith(content, at)) return undefined;
    runs.push({ at, offset: offset + indent });
    at += content.length;
    if (value[at] === ' ') {
      runs.push({ at, offset: offset + text.length });
      at += 1;
    } else lineEndsFrom(index);
  }
  if (at !== value.length) return undefined;
  return runs;
}

/** Columns that were taken from each line: found at the first line that has text. */
function foldedIndent(value: string, source: readonly SourceLine[]): number {
  const first = source.find(({ text }) => text.trim() !== '')?.text ?? '';
  const firstOfValue = value.split('\n').find((text) => text.trim() !== '') ?? '';
  const blanks = /^ */.exec(firstOfValue)?.[0].length ?? 0;
  return (/^ */.exec(first)?.[0].length ?? 0) - blanks;
}

/** What stands at an offset of a flow scalar: the characters it means, and how long it is. */
type FlowUnit = (text: string, at: number) => { readonly means: string; readonly length: number } | undefined;

const LINE_ENDS = /[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*/y;

/** Plain and quoted scalars: escapes, and line ends that fold. */
function flowRuns(
  file: string,
  value: string,
  start: number,
  end: number,
  unitAt: FlowUnit,
): readonly Run[] | undefined {
  const text = file.slice(0, end);
  const runs: Run[] = [];
  let built = '';
  let expected = -1;
  const emit = (means: string, offset: number, length: number): void => {
    if (offset !== expected || means.length !== length) runs.push({ at: built.length, offset });
    built += means;
    expected = means.length === length ? offset + length : -1;
  };
  for (let offset = start; offset < end; ) {
    LINE_ENDS.lastIndex = offset;
    const fold = LINE_ENDS.exec(text)?.[0];
    if (fold !== undefined) {
      const ends = lineEndOffsets(fold).map((at) => offset + at);
      const folded = ends.length === 1 ? ' ' : '\n'.repeat(ends.length - 1);
      for (const [index, mark] of [...folded].entries()) {
        emit(mark, ends[index] ?? offset, 1);
        expected = -1;
      }
      offset += fold.length;
      continue;
    }
    const unit = unitAt(text, offset);
    if (unit === undefined) return undefined;
    emit(unit.means, offset, unit.length);
    offset += unit.length;
  }
  return built === value ? runs : undefined;
}

function lineEndOffsets(text: string): readonly number[] {
  return [...text.matchAll(/\r?\n/g)].map(({ index }) => index);
}

function plain(text: string, at: number): ReturnType<FlowUnit> {
  return { means: text[at] ?? '', length: 1 };
}

function singleQuoted(text: string, at: number): ReturnType<FlowUnit> {
  return text.startsWith("''", at) ? { means: "'", length: 2 } : plain(text, at);
}

/** YAML 1.2.2, 5.7: escaped characters. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const CODE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
const CONTINUATION = /\\\r?\n[ \t]*/y;

function doubleQuoted(text: string, at: number): ReturnType<FlowUnit> {
  if (text[at] !== '\\') return plain(text, at);
  CONTINUATION.lastIndex = at;
  const continued = CONTINUATION.exec(text);
  if (continued) return { means: '', length: continued[0].length };
  CODE.lastIndex = at;
  const code = CODE.exec(text);
  const hex = code?.[1] ?? code?.[2] ?? code?.[3];
  if (code && hex !== undefined) {
    const point = Number.parseInt(hex, 16);
    return point > 0x10ffff ? undefined : { means: String.fromCodePoint(point), length: code[0].length };
  }
  const means = ESCAPES[text[at + 1] ?? ''];
  return means === undefined ? undefined : { means, length: 2 };
}
