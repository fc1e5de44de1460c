import { stat } from 'node:fs/promises';
import { Option } from 'commander';
import type { Library } from '../../../shared/hunting/library/load-library.ts';
import type { LibraryProblem } from '../../../shared/hunting/library/problem.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { createScreen, type Screen } from '../../output/screen.ts';

/** Where queries are looked for and written when nothing else is said. */
const DEFAULT_LIBRARY = 'queries';

/** `--library`, as every command of the library has it. */
export function libraryOption(): Option {
  return new Option('--library <folder>', 'folder of the queries').default(DEFAULT_LIBRARY, './queries');
}

/** Loads a library and tells its problems on stderr. @throws CommandFailure when there is no such folder */
export async function openLibrary(folder: string): Promise<Library> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) fail(EXIT.usage, `There is no folder ${folder}. Name one with --library.`);
  const { loadLibrary } = await import('../../../shared/hunting/library/load-library.ts');
  const library = await loadLibrary(folder);
  tellProblems(library.problems);
  return library;
}

/** One line for each problem on stderr, in the form that editors jump to. */
export function tellProblems(problems: readonly LibraryProblem[]): void {
  const screen = createScreen(process.stderr);
  for (const problem of problems) screen.line(problemLine(screen, problem));
}

function problemLine(
  screen: Screen,
  { file, line, column, severity, code, message }: LibraryProblem,
): string {
  const word = screen.paint(severity === 'error' ? 'red' : 'yellow', severity);
  return `${file}:${line}:${column}: ${word} ${code} ${message}`;
}

/** 1 where anything is an error, since then a query is missing. */
export function exitCodeFor(problems: readonly LibraryProblem[]): 0 | 1 {
  return problems.some(({ severity }) => severity === 'error') ? EXIT.no : EXIT.done;
}
