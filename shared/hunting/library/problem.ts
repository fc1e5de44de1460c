import type { FilePosition } from './positions.ts';

/**
 * What can be wrong with a file of the library. `LIB1..` is about the file, `LIB2..` about one query in it, `LIB3..`
 * about the library as a whole.
 */
export const PROBLEM = {
  unreadable: 'LIB101',
  tooLarge: 'LIB102',
  encoding: 'LIB103',
  nullCharacter: 'LIB104',
  noQuery: 'LIB105',
  linkLoop: 'LIB106',
  folderNamedAsFile: 'LIB107',
  yaml: 'LIB111',
  duplicateKey: 'LIB112',
  tag: 'LIB113',
  alias: 'LIB114',
  nesting: 'LIB115',
  openFence: 'LIB116',
  missing: 'LIB201',
  illTyped: 'LIB202',
  unknownField: 'LIB203',
  unknownValue: 'LIB204',
  schedule: 'LIB205',
  parameter: 'LIB206',
  placeholder: 'LIB207',
  id: 'LIB208',
  duplicateId: 'LIB301',
} as const;

export type ProblemCode = (typeof PROBLEM)[keyof typeof PROBLEM];

/** Something wrong with a file of the library. A query with an error is not loaded; everything else is. */
export interface LibraryProblem extends FilePosition {
  /** Path as given or found, with `/`. */
  readonly file: string;
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do, one line. */
  readonly message: string;
}

/** Takes the problems of one file while it is read. Offsets are UTF-16 units in the file's text. */
export interface ProblemSink {
  error(code: ProblemCode, offset: number, message: string): void;
  warn(code: ProblemCode, offset: number, message: string): void;
  /** How many errors there are so far. */
  errors(): number;
}

/** Most problems that are told for one file: a broken file has one cause, not a thousand. */
const MOST_PROBLEMS = 50;

/** A sink that writes into `problems`. */
export function createProblemSink(
  file: string,
  positionOf: (offset: number) => FilePosition,
  problems: LibraryProblem[],
): ProblemSink {
  let errors = 0;
  const add = (severity: 'error' | 'warning', code: ProblemCode, offset: number, message: string): void => {
    if (severity === 'error') errors += 1;
    if (problems.length >= MOST_PROBLEMS) return;
    const oneLine = message.replaceAll(/\s+/g, ' ').trim();
    problems.push({ file, ...positionOf(offset), code, severity, message: oneLine });
  };
  return {
    error: (code, offset, message) => add('error', code, offset, message),
    warn: (code, offset, message) => add('warning', code, offset, message),
    errors: () => errors,
  };
}
