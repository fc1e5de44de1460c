import { readFile, stat } from 'node:fs/promises';
import type { HuntAsk } from '../../../shared/hunting/ask/prepare-hunt.ts';
import { comparableId, isQueryId } from '../../../shared/hunting/library/query-id.ts';
import { closestTo } from '../../../shared/text.ts';
import { EXIT, fail, messageOf } from '../../output/failure.ts';
import { exitCodeFor, openLibrary, tellProblems } from '../queries/library.ts';

/** The query that a word of the command line means: a file that is there, an id of the library, or KQL. */
export async function queryNamed(word: string, folder: string): Promise<HuntAsk['query']> {
  const found = await stat(word).catch(() => undefined);
  if (found?.isFile()) return { definition: await fromFile(word) };
  if (found)
    return fail(EXIT.usage, `${word} is a folder. Name one file, or an id of its queries with --library.`);
  if (await isPath(word)) return fail(EXIT.usage, `There is no file ${word}.`);
  if (!isQueryId(word)) return { text: word };
  const { queries } = await openLibrary(folder);
  const query = queries.find(({ id }) => comparableId(id) === comparableId(word));
  if (query) return { definition: query };
  const meant = closestTo(
    word,
    queries.map(({ id }) => id),
  );
  const hint = meant === undefined ? 'outrider queries list tells what there is.' : `Did you mean ${meant}?`;
  return fail(EXIT.usage, `There is no file and no query ${word} in ${folder}. ${hint}`);
}

/** One word with the ending of a query file, in a folder: no KQL looks like that. */
async function isPath(word: string): Promise<boolean> {
  const { QUERY_FILE } = await import('../../../shared/hunting/library/read-query-file.ts');
  return /^\S*[/\\]\S+$/.test(word) && QUERY_FILE.test(word);
}

async function fromFile(path: string) {
  const { QUERY_FILE, readQueryFile } = await import('../../../shared/hunting/library/read-query-file.ts');
  const bytes = await readFile(path).catch((error: unknown) =>
    fail(EXIT.usage, `${path} cannot be read: ${messageOf(error)}`),
  );
  // A file of any other name is KQL.
  const { queries, problems } = readQueryFile(QUERY_FILE.test(path) ? path : `${path}.kql`, bytes);
  tellProblems(problems);
  const [query, ...more] = queries;
  if (!query || exitCodeFor(problems) !== EXIT.done)
    return fail(EXIT.no, `${path} has no query that can be run.`);
  if (more.length === 0) return query;
  const ids = queries.map(({ id }) => id).join(', ');
  return fail(EXIT.usage, `${path} has ${queries.length} queries: ${ids}. Name one of them, with --library.`);
}
