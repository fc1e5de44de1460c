import { expect } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { bytesOf } from './places.ts';

/** Reads a file of these lines. */
export function read(path: string, lines: readonly string[]) {
  return readQueryFile(path, bytesOf(lines.join('\n')));
}

/** The query of a file that holds one, and nothing wrong. */
export function only(path: string, lines: readonly string[]): HuntingQuery {
  const { queries, problems } = read(path, lines);
  expect(problems).toEqual([]);
  expect(queries).toHaveLength(1);
  return queries[0] as HuntingQuery;
}
