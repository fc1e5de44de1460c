import type { HuntingQuery } from '../query.ts';
import { decodeText } from './decode-text.ts';
import type { Draft, QueryFile } from './draft.ts';
import { finishQuery } from './finish-query.ts';
import { createLineIndex } from './positions.ts';
import { createProblemSink, type LibraryProblem, PROBLEM, type ProblemSink } from './problem.ts';
import { slugOf } from './query-id.ts';
import { readKql } from './read-kql.ts';
import { readMarkdown } from './read-markdown.ts';
import { readYaml } from './read-yaml.ts';

/** Endings of the files that hold queries. */
export const QUERY_FILE = /\.(?:ya?ml|kql|csl|txt|md|markdown)$/i;

/** The queries of one file, and what is wrong with it. A query that has an error is not among them. */
export interface QueryFileContent {
  readonly queries: readonly HuntingQuery[];
  readonly problems: readonly LibraryProblem[];
}

export interface ReadQueryFileOptions {
  /** Path that ids of queries without one are made of, default the path given. */
  readonly idPath?: string | undefined;
  /** From when on a schedule must fire, default now. */
  readonly now?: Date | undefined;
}

/**
 * Reads the queries of one file in any of the accepted forms (reference: query-formats). Never throws for what the
 * file is, never runs anything of it; time and memory are bounded by the file's size, which is limited.
 *
 * @param path as it is shown in problems and sources; its ending says the form
 */
export function readQueryFile(
  path: string,
  bytes: Uint8Array,
  { idPath = path, now = new Date() }: ReadQueryFileOptions = {},
): QueryFileContent {
  const file = path.replaceAll('\\', '/');
  const problems: LibraryProblem[] = [];
  const decoded = decodeText(bytes);
  if ('fault' in decoded) {
    const { code, message, before } = decoded.fault;
    createProblemSink(file, createLineIndex(before), problems).error(code, before.length, message);
    return { queries: [], problems };
  }
  const { text } = decoded;
  const positionOf = createLineIndex(text);
  const sink = createProblemSink(file, positionOf, problems);
  if (decoded.remark !== undefined) sink.warn(PROBLEM.encoding, 0, decoded.remark);
  const drafts = readDrafts({ file, text, now }, sink);
  if (drafts.length === 0 && sink.errors() === 0) {
    const what = text.trim() === '' ? 'The file is empty.' : 'There is no query in the file.';
    sink.error(PROBLEM.noQuery, 0, what);
  }
  const slug = slugOf(idPath.replaceAll('\\', '/').replace(/\.[^./]+$/, ''));
  const first = drafts.find(({ fields }) => fields.id !== undefined)?.fields.id;
  const queries = drafts.flatMap((draft, index) => {
    const shared = index > 0 && draft.fields.id === first;
    const id = `${first ?? slug}${index === 0 ? '' : `#${index + 1}`}`;
    const own = shared && draft.format === 'markdown' ? { ...draft, fields: { ...draft.fields, id } } : draft;
    return finishQuery(own, { file, positionOf, sink, idIfNone: id }) ?? [];
  });
  return { queries, problems };
}

function readDrafts(source: QueryFile, sink: ProblemSink): readonly Draft[] {
  if (source.text.trim() === '') return [];
  if (/\.(?:md|markdown)$/i.test(source.file)) return readMarkdown(source, sink);
  const fromYaml = /\.ya?ml$/i.test(source.file) ? readYaml(source, sink) : undefined;
  if (fromYaml) return fromYaml;
  const bare = readKql(source);
  return bare ? [bare] : [];
}
