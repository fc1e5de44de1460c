import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Library, loadLibrary } from './load-library.ts';

/**
 * The folder of the queries that come with Outrider: beside the file of the deployed app, or at the root of the
 * repository when the source runs.
 *
 * @param here folder of the file that asks
 */
export function shippedLibraryFolder(here: string = import.meta.dirname): string {
  const beside = join(here, 'queries');
  return existsSync(beside) ? beside : join(here, '../../../queries');
}

/** The library of a running app. */
export interface LibrarySource {
  /** Loads it on first use; afterwards the same. A deployed app's files do not change while it runs. */
  load(): Promise<Library>;
}

export interface LibrarySourceOptions {
  /** Default: the queries that come with Outrider. */
  readonly folder?: string | undefined;
  /** From when on a schedule must fire. */
  readonly now: () => Date;
}

/** Reads nothing until the first `load`. */
export function createLibrarySource({ folder, now }: LibrarySourceOptions): LibrarySource {
  let loading: Promise<Library> | undefined;
  return {
    load() {
      loading ??= loadLibrary(folder ?? shippedLibraryFolder(), { now: now() });
      return loading;
    },
  };
}
