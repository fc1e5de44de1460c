import type { Draft, QueryFile } from './draft.ts';
import { lineStarts, type Run } from './positions.ts';

/** A file that is one bare query. Undefined when there is nothing in it. */
export function readKql({ text }: QueryFile): Draft | undefined {
  if (text.trim() === '') return undefined;
  return { format: 'kql', ...withPlainLineEnds(text, 0, text.length), offset: 0, fields: {} };
}

/**
 * A stretch of the file with `\n` for every line end: the same query, whatever git did to the line ends when the file
 * was checked out.
 *
 * @param indentOf how many characters of a line are left out, from its text
 */
export function withPlainLineEnds(
  file: string,
  start: number,
  end: number,
  indentOf: (line: string) => number = () => 0,
): { readonly text: string; readonly runs: readonly Run[] } {
  const content = file.slice(start, end);
  const starts = lineStarts(content);
  const runs: Run[] = [];
  const lines: string[] = [];
  let at = 0;
  for (const [index, lineStart] of starts.entries()) {
    const next = starts[index + 1];
    const line = content.slice(lineStart, next === undefined ? undefined : next - 1).replace(/\r$/, '');
    const indent = indentOf(line);
    runs.push({ at, offset: start + lineStart + indent });
    lines.push(line.slice(indent));
    at += line.length - indent + 1;
  }
  return { text: lines.join('\n'), runs };
}
