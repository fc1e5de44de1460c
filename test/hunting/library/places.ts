import { positionInFile } from '../../../shared/hunting/library/positions.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';

/** Reads a file given as text. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A character of a query, and what the file has at the place where it is said to come from. */
interface Compared {
  readonly offset: number;
  readonly character: string;
  /** The rest of the file's line from there on; undefined when there is no such place. */
  readonly inFile: string | undefined;
}

/** Every character of a query beside the file's, blanks and line ends left out: folding makes them of one another. */
function comparePlaces(query: HuntingQuery, file: string): readonly Compared[] {
  const lines = file.replace(/^\ufeff/, '').split(/\r?\n/);
  return [...query.text].flatMap((_, index) => {
    const character = query.text[index] ?? '';
    if (/\s/.test(character)) return [];
    const { line, column } = positionInFile(query, index);
    return [{ offset: index, character, inFile: lines[line - 1]?.slice(column - 1) }];
  });
}

/** Characters whose place in the file holds another one. Escapes and doubled quotes stand for one character. */
export function misplaced(query: HuntingQuery, file: string): readonly Compared[] {
  return comparePlaces(query, file).filter(({ character, inFile }) => {
    if (inFile === undefined) return true;
    if (inFile.startsWith(character)) return false;
    return !meansEscaped(inFile, character);
  });
}

function meansEscaped(inFile: string, character: string): boolean {
  const [written] = /^\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)/i.exec(inFile) ?? [];
  if (written === undefined) return false;
  const hex = /^\\[xuU]([0-9a-f]+)$/i.exec(written)?.[1];
  if (hex === undefined) return written[1] === character || 'abtnvfre0N_LP'.includes(written[1] ?? ' ');
  return String.fromCodePoint(Number.parseInt(hex, 16)).includes(character);
}
