import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLibrary } from '../../../shared/hunting/library/load-library.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { isSameQuery, writeQuery } from '../../../shared/hunting/library/write-query.ts';
import { bytesOf, misplaced } from './places.ts';

const HUNTS = join(import.meta.dirname, '../../../../shared/data/hunts');

// The collection lies beside the repository; where that is not so (a bare clone) there is nothing to look at.
describe.skipIf(!existsSync(HUNTS) && !process.env.CI)('the public collection', () => {
  it('loads whole: every query, every character at its place, converted without loss', async () => {
    const { queries, problems } = await loadLibrary(HUNTS);
    expect(problems).toEqual([]);
    expect(queries).toHaveLength(60);
    for (const query of queries) {
      const file = await readFile(query.source.file, 'utf8');
      expect(misplaced(query, file), query.id).toEqual([]);
      const [again] = readQueryFile('a.yaml', bytesOf(writeQuery(query))).queries;
      expect(again && isSameQuery(again, query), query.id).toBe(true);
      expect(query.extra.source, query.id).toMatchObject({ repo: expect.any(String) });
    }
  });
});
