import { type Document, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';
import type { Draft, QueryFile } from './draft.ts';
import { comparableName, FIELD_NAMES } from './field-names.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { guardDocument } from './yaml-guard.ts';
import { keyText } from './yaml-values.ts';

/** Fields of which a map that is a query has at least one. */
const TELLING = new Set(
  [...FIELD_NAMES.id, ...FIELD_NAMES.name, ...FIELD_NAMES.query, 'queries', 'description', 'kind'].map(
    comparableName,
  ),
);
/** The same at the beginning of a line: what tells broken YAML from bare KQL. */
const TELLING_LINE = /^(?:- +)?["']?([A-Za-z_-]+)["']?[ \t]*:(?:[ \t\r\n]|$)/gm;

/**
 * Reads the queries of a YAML file: a map, a list of maps, a map with `queries:`, or several documents.
 *
 * @returns undefined when the file is no YAML of queries but bare KQL, as some files of the collections are
 */
export function readYaml(source: QueryFile, sink: ProblemSink): readonly Draft[] | undefined {
  if (!hasTellingLine(source.text) && !isMapOfOthers(source.text)) return undefined;
  const parsed = parseAllDocuments(source.text, {
    // Duplicate keys are told by the guard: the parser compares every key with every other.
    uniqueKeys: false,
    stringKeys: true,
    intAsBigInt: false,
    logLevel: 'silent',
    prettyErrors: false,
    merge: false,
  });
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => readDocument(document, source, sink));
}

function hasTellingLine(text: string): boolean {
  for (const [, word = ''] of text.matchAll(TELLING_LINE)) {
    if (TELLING.has(comparableName(word))) return true;
  }
  return text.trimStart().startsWith('{');
}

/** YAML of something else: every line that is not indented begins with a key, which no KQL does. */
function isMapOfOthers(text: string): boolean {
  const lines = text.split('\n').filter((line) => /^[^\s#]/.test(line) && !line.startsWith('---'));
  return lines.length > 0 && lines.every((line) => /^["']?[\w.-]+["']?[ \t]*:(?:\s|$)/.test(line));
}

function readDocument(document: Document, source: QueryFile, sink: ProblemSink): readonly Draft[] {
  if (!guardDocument(document, source.text, sink)) return [];
  const { contents } = document;
  // An empty document: `---` at the file's end.
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  return entriesOf(contents, sink).flatMap((map) => readEntry(map, source, sink) ?? []);
}

function entriesOf(contents: unknown, sink: ProblemSink): readonly YAMLMap[] {
  if (isSeq(contents)) return mapsOf(contents.items, 'The list', sink);
  if (!isMap(contents)) {
    sink.error(PROBLEM.missing, 0, 'The file has no map of fields, so it has no query.');
    return [];
  }
  const queries = contents.items.find(({ key }) => keyText(key) === 'queries')?.value;
  if (queries === undefined) return [contents];
  return isSeq(queries) ? mapsOf(queries.items, '"queries"', sink) : mapsOf([queries], '"queries"', sink);
}

function mapsOf(items: readonly unknown[], where: string, sink: ProblemSink): readonly YAMLMap[] {
  const maps = items.filter((item) => isMap(item));
  if (maps.length < items.length) {
    sink.error(PROBLEM.illTyped, 0, `${where} must be a list of maps, each one query.`);
  }
  return maps;
}
