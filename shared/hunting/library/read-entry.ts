import { isMap, isScalar, type Scalar, type YAMLMap } from 'yaml';
import { closestTo } from '../../text.ts';
import type { HuntingQuery, Platform } from '../query.ts';
import type { Draft, DraftFields, QueryFile } from './draft.ts';
import { ALL_FIELD_NAMES, comparableName, isForeignField } from './field-names.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { readEntities } from './read-entities.ts';
import { readParameters } from './read-parameters.ts';
import { readSchedule, SCHEDULE_PARTS } from './read-schedule.ts';
import { readTrigger } from './read-trigger.ts';
import { scalarRuns } from './scalar-runs.ts';
import { sortTactics, sortTechniques } from './tactics.ts';
import { createFields, type Field, type Fields, fieldsOf, illTyped } from './yaml-fields.ts';
import { offsetOf, plainValue, scalarText } from './yaml-values.ts';

/** Spellings that only Azure-Sentinel's files have. */
const OF_SENTINEL = [
  'relevantTechniques',
  'requiredDataConnectors',
  'entityMappings',
  'queryFrequency',
  'queryPeriod',
  'triggerOperator',
];
const SEVERITIES = ['informational', 'low', 'medium', 'high'] as const;

/** Reads one query's map. Undefined when it has an error, which is told. */
export function readEntry(map: YAMLMap, { text, now }: QueryFile, sink: ProblemSink): Draft | undefined {
  const before = sink.errors();
  const fields = createFields(map, sink);
  const extra = new Map<string, unknown>();
  const keep = (key: string, value: unknown): void => void extra.set(freeName(extra, key), value);
  const query = queryNode(fields, sink, keep);
  if (!query) {
    if (sink.errors() === before)
      sink.error(PROBLEM.missing, offsetOf(map), 'There is no "query" with text.');
    return undefined;
  }
  const read = { ...plainFields(fields, sink), ...mappedFields(fields, sink, now, keep) };
  keepRest(fields, sink, keep);
  if (sink.errors() > before) return undefined;
  const isSentinel = map.items.some(({ key }) => isScalar(key) && OF_SENTINEL.includes(String(key.value)));
  return {
    format: isSentinel ? 'sentinel' : 'outrider',
    // A byte for byte copy of what YAML says the text is; Windows' line ends are the same query.
    text: String(query.value),
    runs: scalarRuns(text, query),
    offset: offsetOf(map),
    idOffset: fields.offsetOf('id'),
    fields: { ...read, extra: Object.fromEntries(extra) },
  };
}

/** The node that holds the KQL: `query` itself, or `queryText` in Graph's `queryCondition`. */
function queryNode(
  fields: Fields,
  sink: ProblemSink,
  keep: (key: string, value: unknown) => void,
): Scalar | undefined {
  const field = fields.take('query');
  if (!field) return undefined;
  if (isMap(field.node)) {
    const parts = fieldsOf(field.node);
    const inner = parts.find(({ key }) => comparableName(key) === 'querytext');
    const others = parts.filter((part) => part !== inner);
    if (others.length > 0) {
      keep(field.key, Object.fromEntries(others.map(({ key, node }) => [key, plainValue(node)])));
    }
    return inner && textNode(inner, sink);
  }
  return textNode(field, sink);
}

function textNode(field: Field, sink: ProblemSink): Scalar | undefined {
  if (isScalar(field.node) && typeof field.node.value === 'string') {
    return field.node.value.trim() === '' ? undefined : field.node;
  }
  illTyped(sink, field, 'a text: the KQL');
  return undefined;
}

function plainFields(fields: Fields, sink: ProblemSink): DraftFields {
  const tenants = fields.texts('tenants');
  const enabled = fields.boolean('enabled');
  const platform = platformOf(fields, sink);
  return defined({
    id: fields.text('id')?.trim(),
    name: fields.text('name')?.trim(),
    description: trimmed(fields.text('description')),
    details: trimmed(fields.text('details')),
    platform,
    connectors: fields.list('connectors'),
    references: fields.texts('references') ?? [],
    parameters: readParameters(fields, sink),
    keys: fields.texts('keys') ?? [],
    ...(enabled !== undefined && { enabled }),
    ...(tenants !== undefined && { tenants }),
    version: fields.text('version'),
    author: fields.text('author'),
    status: fields.text('status'),
    actions: fields.list('actions'),
  });
}

function mappedFields(
  fields: Fields,
  sink: ProblemSink,
  now: Date,
  keep: (key: string, value: unknown) => void,
): DraftFields {
  const odd: unknown[] = [];
  const { tactics, others } = sortTactics(fields.texts('tactics', (value) => odd.push(value)) ?? []);
  const techniques = sortTechniques(fields.texts('techniques', (value) => odd.push(value)) ?? []);
  const tags = fields.texts('tags', (value) => odd.push(value)) ?? [];
  if (odd.length > 0) keep('tags', odd);
  return defined({
    severity: severityOf(fields, sink, keep),
    tactics,
    techniques: techniques.techniques,
    tags: [...new Set([...tags, ...others, ...techniques.others])],
    schedule: readSchedule({
      fields,
      sink,
      now,
      keep: (rest) => {
        const entries = rest.map(({ key, node }) => [key, plainValue(node)] as const);
        if (entries.length > 0) keep('schedule', Object.fromEntries(entries));
      },
    }),
    trigger: readTrigger(fields, sink),
    entities: readEntities(fields, sink, keep),
    customDetails: customDetailsOf(fields, sink),
  });
}

function platformOf(fields: Fields, sink: ProblemSink): Platform | undefined {
  const field = fields.take('platform');
  if (!field) return undefined;
  const word = scalarText(field.node)?.toLowerCase();
  if (word === 'xdr' || word === 'sentinel') return word;
  illTyped(sink, field, 'xdr or sentinel');
  return undefined;
}

function severityOf(
  fields: Fields,
  sink: ProblemSink,
  keep: (key: string, value: unknown) => void,
): HuntingQuery['severity'] {
  const field = fields.take('severity');
  if (!field) return undefined;
  const word = scalarText(field.node);
  if (word === undefined) illTyped(sink, field, `one of ${SEVERITIES.join(', ')}`);
  const severity = SEVERITIES.find((known) => known === word?.trim().toLowerCase());
  if (word !== undefined && severity === undefined) {
    keep(field.key, word);
    const text = `"${word}" is no severity (${SEVERITIES.join(', ')}); it is kept, and means nothing.`;
    sink.warn(PROBLEM.unknownValue, field.offset, text);
  }
  return severity;
}

function customDetailsOf(fields: Fields, sink: ProblemSink): Readonly<Record<string, string>> {
  const field = fields.take('customDetails');
  if (!field) return {};
  const entries = isMap(field.node)
    ? fieldsOf(field.node).map(({ key, node }) => [key, scalarText(node)] as const)
    : undefined;
  const texts = entries?.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  if (texts?.length === entries?.length && texts) return Object.fromEntries(texts);
  illTyped(sink, field, 'a map of names to columns');
  return {};
}

/** Unknown fields, and what an `extra` map holds of them: kept; told where they may be a misspelt one of ours. */
function keepRest(fields: Fields, sink: ProblemSink, keep: (key: string, value: unknown) => void): void {
  const nested = fields.take('extra');
  if (nested && !isMap(nested.node)) illTyped(sink, nested, 'a map');
  if (nested && isMap(nested.node)) {
    for (const { key, node } of fieldsOf(nested.node)) keep(key, plainValue(node));
  }
  for (const { key, keyOffset, node } of fields.rest()) {
    keep(key, plainValue(node));
    if (isForeignField(key) || ALL_FIELD_NAMES.some((name) => comparableName(name) === comparableName(key)))
      continue;
    sink.warn(
      PROBLEM.unknownField,
      keyOffset,
      `"${key}" is no field of a query; it is kept, and means nothing.${hintOn(key)}`,
    );
  }
}

function hintOn(key: string): string {
  if (SCHEDULE_PARTS.some((part) => part === key)) return ' Put it under "schedule".';
  const meant = closestTo(key, ALL_FIELD_NAMES);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

/** A name that is not taken: the same key can come from the map itself and from its `extra`. */
function freeName(extra: ReadonlyMap<string, unknown>, key: string): string {
  let name = key;
  for (let number = 2; extra.has(name); number += 1) name = `${key}-${number}`;
  return name;
}

function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

/** Without members that are undefined. */
function defined(
  fields: { readonly [Name in keyof DraftFields]: DraftFields[Name] | undefined },
): DraftFields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  ) as DraftFields;
}
