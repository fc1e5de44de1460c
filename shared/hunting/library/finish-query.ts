import type { HuntingQuery } from '../query.ts';
import type { Draft } from './draft.ts';
import { fillPlaceholders } from './placeholders.ts';
import { guessPlatform } from './platform.ts';
import { type FilePosition, placesOf } from './positions.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { isQueryId, slugOf } from './query-id.ts';
import { DEFAULT_TRIGGER } from './read-trigger.ts';

/**
 * Longest query, in UTF-16 units: ten times what Sentinel takes, and what the checker binds in well under a second
 * for ordinary queries.
 */
export const MOST_QUERY_CHARACTERS = 100_000;

interface FinishOptions {
  readonly file: string;
  readonly positionOf: (offset: number) => FilePosition;
  readonly sink: ProblemSink;
  /** The id of a query that has none. */
  readonly idIfNone: string;
}

/** Makes a query of a draft: id, platform, placeholders, places. Undefined when it has an error, which is told. */
export function finishQuery(draft: Draft, options: FinishOptions): HuntingQuery | undefined {
  const { sink, file, positionOf, idIfNone } = options;
  if (draft.text.length > MOST_QUERY_CHARACTERS) {
    const most = MOST_QUERY_CHARACTERS.toLocaleString('en');
    const message = `The query has ${draft.text.length.toLocaleString('en')} characters; at most ${most} are taken.`;
    sink.error(PROBLEM.queryTooLong, draft.offset, message);
    return undefined;
  }
  const { id = idIfNone, name, tactics = [], connectors = [], extra = {}, ...fields } = draft.fields;
  const filled = fillPlaceholders(draft, sink);
  return {
    tactics,
    techniques: [],
    trigger: DEFAULT_TRIGGER,
    entities: [],
    customDetails: {},
    tags: [],
    references: [],
    keys: [],
    enabled: true,
    actions: [],
    ...fields,
    ...settledId(id, draft, extra, sink),
    name: name ?? id,
    connectors,
    platform: fields.platform ?? guessPlatform(draft.text, connectors),
    text: filled.text,
    parameters: filled.parameters,
    ...(filled.notRunnable !== undefined && { notRunnable: filled.notRunnable }),
    source: { file, format: draft.format, ...placesOf(filled.text, filled.runs, positionOf) },
  };
}

/** An id that cannot be one is replaced by its slug, and kept. */
function settledId(
  id: string,
  draft: Draft,
  extra: Readonly<Record<string, unknown>>,
  sink: ProblemSink,
): Pick<HuntingQuery, 'id' | 'extra'> {
  if (isQueryId(id)) return { id, extra };
  const slug = slugOf(id);
  sink.warn(
    PROBLEM.id,
    draft.offset,
    `"${id.slice(0, 200)}" cannot be an id (letters, digits, ., _ and -); it is "${slug}" here.`,
  );
  return { id: slug, extra: { ...extra, id } };
}
