import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type LibraryProblem, PROBLEM, type ProblemCode } from './problem.ts';
import { QUERY_FILE } from './read-query-file.ts';

/** What a walk over paths comes upon, in the order of their names. */
export type FoundFile =
  | {
      readonly kind: 'file';
      /** As given or found, with `/`. */
      readonly path: string;
      /** The same from the given folder on: ids of queries without one are made of it. */
      readonly idPath: string;
    }
  | { readonly kind: 'problem'; readonly problem: LibraryProblem }
  | {
      readonly kind: 'skipped';
      readonly path: string;
      /** Why a file with an accepted ending is no query file. */
      readonly reason: string;
    };

/** Deepest folder below a given path. */
const MOST_LEVELS = 32;
/** Files about a collection, and folders that are not part of one. */
const ABOUT =
  /^(?:readme|licen[cs]es?|copying|notice|third[-_]?party.*|changelog|contributing|security|support|code[-_]of[-_]conduct|requirements|authors)(?:[-_. ].*)?$/i;
const APART = /^(?:\..*|node_modules)$/;

/**
 * Finds the query files of files and folders. A file that was given itself is always taken; in folders it is the
 * ending that says so, and files about the collection (README, LICENSE) are skipped. Links are followed, each folder
 * once; what cannot be read is a problem, and the rest goes on.
 */
export async function* findQueryFiles(paths: readonly string[]): AsyncGenerator<FoundFile> {
  for (const path of paths) {
    const shown = path.replaceAll('\\', '/');
    const kind = await kindOf(path);
    if (kind === 'folder') yield* walk(path, '', { ancestors: new Set(), seen: new Set(), level: 0 });
    else if (kind === 'file') yield { kind: 'file', path: shown, idPath: basename(path) };
    else yield problem(shown, PROBLEM.unreadable, kind.fault);
  }
}

interface Walk {
  /** Real paths of the folders above. */
  readonly ancestors: ReadonlySet<string>;
  /** Real paths of all folders that were walked. */
  readonly seen: Set<string>;
  readonly level: number;
}

async function* walk(folder: string, below: string, way: Walk): AsyncGenerator<FoundFile> {
  const shown = folder.replaceAll('\\', '/');
  if (way.level > MOST_LEVELS) {
    yield problem(shown, PROBLEM.unreadable, `The folder is more than ${MOST_LEVELS} levels deep.`);
    return;
  }
  let real: string;
  let entries: Dirent[];
  try {
    real = await realpath(folder);
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield problem(shown, PROBLEM.unreadable, `The folder cannot be read: ${reasonOf(error)}`);
    return;
  }
  if (way.ancestors.has(real)) {
    yield problem(shown, PROBLEM.linkLoop, 'The link leads back to a folder above it. It is not followed.');
    return;
  }
  if (way.seen.has(real)) {
    yield { kind: 'skipped', path: shown, reason: 'a link to a folder that is read already' };
    return;
  }
  way.seen.add(real);
  const inner: Walk = { ...way, ancestors: new Set([...way.ancestors, real]), level: way.level + 1 };
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    yield* visit(entry, {
      path: `${shown.replace(/\/$/, '')}/${entry.name}`,
      below: join(below, entry.name),
      way: inner,
    });
  }
}

interface Visit {
  readonly path: string;
  readonly below: string;
  readonly way: Walk;
}

async function* visit(entry: Dirent, { path, below, way }: Visit): AsyncGenerator<FoundFile> {
  if (APART.test(entry.name)) return;
  const isNamedAsFile = QUERY_FILE.test(entry.name);
  if (entry.isFile() && !isNamedAsFile) return;
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : await kindOf(path);
  if (typeof kind === 'object') {
    // A dangling link with another name is none of ours.
    if (isNamedAsFile) yield problem(path, PROBLEM.unreadable, kind.fault);
    return;
  }
  if (kind === 'file' && !isNamedAsFile) return;
  if (ABOUT.test(entry.name)) {
    yield { kind: 'skipped', path, reason: 'about the collection, not a query' };
  } else if (kind === 'file') {
    yield { kind: 'file', path, idPath: below };
  } else if (isNamedAsFile) {
    yield problem(
      path,
      PROBLEM.folderNamedAsFile,
      'This is a folder, though it is named like a query file. Rename it.',
    );
  } else yield* walk(path, below, way);
}

/** What a path leads to, links followed; only regular files and folders are read. */
async function kindOf(path: string): Promise<'file' | 'folder' | { readonly fault: string }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : { fault: 'It is neither a file nor a folder, so it is not read.' };
  } catch (error) {
    return { fault: `It cannot be read: ${reasonOf(error)}` };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing of this name, or the link leads nowhere.',
  ELOOP: 'the link leads to itself.',
  EACCES: 'access is denied.',
  EPERM: 'access is denied.',
};

/** Why the file system refused, for people. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? `${code || String(error)}.`;
}

function problem(file: string, code: ProblemCode, message: string): FoundFile {
  return { kind: 'problem', problem: { file, line: 1, column: 1, code, severity: 'error', message } };
}
