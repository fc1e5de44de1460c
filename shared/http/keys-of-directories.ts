import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import { createDirectoryKeys, type DirectoryKeys } from './directory-keys.ts';

/** A directory publishes a handful of keys of 600 bytes each: a few megabytes in all. */
const MOST_DIRECTORIES = 1_000;

/**
 * Keys by directory. Those of a directory that nobody comes from any more give way to others; they can be fetched again.
 * Ids are those of directories that are known here: what a stranger sends never gets into an address.
 */
export function createKeysOfDirectories({
  cloud,
  clock,
  most = MOST_DIRECTORIES,
}: {
  readonly cloud: Pick<Cloud, 'signIn'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly most?: number;
}): (directory: string) => DirectoryKeys {
  const kept = new LRUCache<string, DirectoryKeys>({ max: most });
  return (directory) => {
    const found =
      kept.get(directory) ??
      createDirectoryKeys({ url: `${cloud.signIn}/${directory}/discovery/v2.0/keys`, clock });
    kept.set(directory, found);
    return found;
  };
}
