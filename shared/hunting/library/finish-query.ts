import type { HuntingQuery } from '../query.ts';
import type { Draft } from './draft.ts';
import { fillPlaceholders } from './placeholders.ts';
import { guessPlatform } from './platform.ts';
import { type FilePosition, placesOf } from './positions.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { isQueryId, slugOf } from './query-id.ts';
import { DEFAULT_TRIGGER } from './read-trigger.ts';

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
  const { fields } = draft;
  const filled = fillPlaceholders(draft, sink);
  if (fields.schedule && !canRunAlone(filled.parameters, draft, sink)) return undefined;
  const { id, extra } = settledId(fields.id ?? idIfNone, draft, sink);
  return withoutAbsent({
    id,
    name: fields.name ?? id,
    description: fields.description,
    details: fields.details,
    text: filled.text,
    platform: fields.platform ?? guessPlatform(draft.text, fields.connectors ?? []),
    severity: fields.severity,
    tactics: fields.tactics ?? [],
    techniques: fields.techniques ?? [],
    schedule: fields.schedule,
    trigger: fields.trigger ?? DEFAULT_TRIGGER,
    entities: fields.entities ?? [],
    customDetails: fields.customDetails ?? {},
    connectors: fields.connectors ?? [],
    tags: fields.tags ?? [],
    references: fields.references ?? [],
    parameters: filled.parameters,
    keys: fields.keys ?? [],
    enabled: fields.enabled ?? true,
    tenants: fields.tenants,
    version: fields.version,
    author: fields.author,
    status: fields.status,
    actions: fields.actions ?? [],
    notRunnable: filled.notRunnable,
    extra,
    source: {
      file,
      format: draft.format,
      ...(draft.idOffset !== undefined && { id: positionOf(draft.idOffset) }),
      ...placesOf(filled.text, filled.runs, positionOf),
    },
  });
}

/** Nobody is there to give a scheduled run its parameters. */
function canRunAlone(parameters: HuntingQuery['parameters'], draft: Draft, sink: ProblemSink): boolean {
  const missing = parameters.filter(({ required }) => required).map(({ name }) => name);
  if (missing.length === 0) return true;
  sink.error(
    PROBLEM.schedule,
    draft.offset,
    `The schedule can never run: it would have no value for ${missing.join(', ')}. Give a default, or no schedule.`,
  );
  return false;
}

function withoutAbsent(query: HuntingQuery): HuntingQuery {
  const present = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as HuntingQuery;
}

/** An id that cannot be one is replaced by its slug, and kept. */
function settledId(id: string, draft: Draft, sink: ProblemSink): Pick<HuntingQuery, 'id' | 'extra'> {
  const extra = draft.fields.extra ?? {};
  if (isQueryId(id)) return { id, extra };
  const slug = slugOf(id);
  sink.warn(
    PROBLEM.id,
    draft.offset,
    `"${id.slice(0, 200)}" cannot be an id (letters, digits, ., _ and -); it is "${slug}" here.`,
  );
  return { id: slug, extra: { ...extra, id } };
}
