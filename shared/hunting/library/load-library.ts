import { open } from 'node:fs/promises';
import type { HuntingQuery } from '../query.ts';
import { MOST_FILE_BYTES } from './decode-text.ts';
import { type FoundFile, findQueryFiles, reasonOf } from './find-files.ts';
import type { FilePosition } from './positions.ts';
import { type LibraryProblem, PROBLEM } from './problem.ts';
import { comparableId } from './query-id.ts';
import { type QueryFileContent, readQueryFile } from './read-query-file.ts';

/** The queries of a folder, and all that is wrong in it. */
export interface Library {
  /** In the order of their files; no two have the same id. */
  readonly queries: readonly HuntingQuery[];
  readonly problems: readonly LibraryProblem[];
  /** Files with an accepted ending that are no query files. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface LoadLibraryOptions {
  /** From when on a schedule must fire, default now. */
  readonly now?: Date | undefined;
}

/**
 * Loads all queries of files and folders. Never throws for what it finds: every fault is a problem, and the rest is
 * loaded. Of queries with the same id the first stays.
 */
export async function loadLibrary(
  paths: string | readonly string[],
  { now = new Date() }: LoadLibraryOptions = {},
): Promise<Library> {
  const queries: HuntingQuery[] = [];
  const problems: LibraryProblem[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const register = createIdRegister();
  for await (const found of findQueryFiles(typeof paths === 'string' ? [paths] : paths)) {
    if (found.kind === 'skipped') skipped.push({ path: found.path, reason: found.reason });
    else if (found.kind === 'problem') problems.push(found.problem);
    else {
      const content = await readFoundFile(found, now);
      const unique = register(content.queries);
      queries.push(...unique.queries);
      problems.push(...content.problems, ...unique.problems);
    }
  }
  return { queries, problems, skipped };
}

/** Reads one file that `findQueryFiles` found. Never more than the largest size of a query file is held. */
export async function readFoundFile(
  { path, idPath }: Extract<FoundFile, { kind: 'file' }>,
  now: Date = new Date(),
): Promise<QueryFileContent> {
  let bytes: Uint8Array;
  try {
    bytes = await readAtMost(path, MOST_FILE_BYTES + 1);
  } catch (error) {
    const message = `The file cannot be read: ${reasonOf(error)}`;
    const place = { file: path, line: 1, column: 1 };
    return { queries: [], problems: [{ ...place, code: PROBLEM.unreadable, severity: 'error', message }] };
  }
  return readQueryFile(path, bytes, { idPath, now });
}

/** The first bytes of a file: what it says of its size is not believed, for it may grow. */
async function readAtMost(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafe(Math.min(most, size + 1));
    let length = 0;
    while (length < buffer.byteLength) {
      const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Where a query has its id; of one without, where it begins. */
function idPlaceOf({ id, lines }: HuntingQuery['source']): FilePosition {
  return id ?? lines[0] ?? { line: 1, column: 1 };
}

/** Lets each id through once; a second query with it is a problem that names the first. */
export function createIdRegister(): (queries: readonly HuntingQuery[]) => QueryFileContent {
  const known = new Map<string, HuntingQuery['source']>();
  return (queries) => {
    const problems: LibraryProblem[] = [];
    const unique = queries.filter(({ id, source }) => {
      const first = known.get(comparableId(id));
      if (!first) {
        known.set(comparableId(id), source);
        return true;
      }
      problems.push({
        file: source.file,
        ...idPlaceOf(source),
        code: PROBLEM.duplicateId,
        severity: 'error',
        message: `The id "${id}" is taken by the query at ${first.file}:${idPlaceOf(first).line}. Give each query its own.`,
      });
      return false;
    });
    return { queries: unique, problems };
  };
}
