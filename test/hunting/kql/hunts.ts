import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** 60 public hunting queries, beside the checkout. */
const HUNTS = join(import.meta.dirname, '../../../../shared/data/hunts');
export const hasHunts = existsSync(HUNTS);

export interface Hunt {
  readonly file: string;
  readonly text: string;
}

/** All of them, by file name. */
export async function readHunts(): Promise<readonly Hunt[]> {
  const files = (await readdir(HUNTS)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (file) => {
      const { query } = parse(await readFile(join(HUNTS, file), 'utf8')) as { query: string };
      return { file, text: query };
    }),
  );
}
