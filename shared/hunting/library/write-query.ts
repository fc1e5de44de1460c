import { isDeepStrictEqual } from 'node:util';
import { Document, isScalar, Pair, Scalar, YAMLMap } from 'yaml';
import type { HuntingQuery, ParameterDeclaration, QuerySchedule } from '../query.ts';
import { readQueryFile } from './read-query-file.ts';
import { DEFAULT_TRIGGER } from './read-trigger.ts';
import { spanOf } from './spans.ts';

/** Wide enough for a description's line, narrow enough to read. */
const LINE_WIDTH = 110;

/**
 * A query as a file of our own form, from which `readQueryFile` makes the same query again: every field, unknown ones
 * and comments in the KQL included.
 *
 * @throws Error when it would not come back as it is, as one without text
 */
export function writeQuery(query: HuntingQuery): string {
  const text = yamlOf(query);
  const [again] = readQueryFile(`${query.id}.yaml`, new TextEncoder().encode(text)).queries;
  if (again && isSameQuery(query, again)) return text;
  throw new Error(`The query ${query.id} cannot be written as YAML without changing it.`);
}

/** Equal in everything but where it came from. */
export function isSameQuery(a: HuntingQuery, b: HuntingQuery): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b));
}

/** Without members that are undefined: they say the same as none. */
function comparable({ source: _source, ...query }: HuntingQuery): unknown {
  return JSON.parse(JSON.stringify(query));
}

function yamlOf(query: HuntingQuery): string {
  const document = new Document({});
  const map = new YAMLMap();
  document.contents = map as typeof document.contents;
  for (const [name, value] of membersOf(query)) {
    const node = document.createNode(value);
    // What a block cannot carry, such as a null character, the library puts in quotes by itself.
    if (name === 'query' && isScalar(node)) node.type = Scalar.BLOCK_LITERAL;
    map.items.push(new Pair(document.createNode(name), node));
  }
  return document.toString({ lineWidth: LINE_WIDTH, minContentWidth: 0 });
}

/** The fields that say something, in the order in which people read them. */
function membersOf(query: HuntingQuery): readonly (readonly [string, unknown])[] {
  const { trigger } = query;
  const isDefaultTrigger =
    trigger.operator === DEFAULT_TRIGGER.operator && trigger.threshold === DEFAULT_TRIGGER.threshold;
  const members: readonly (readonly [string, unknown])[] = [
    ['id', query.id],
    ['name', query.name],
    ['description', query.description],
    ['details', query.details],
    ['platform', query.platform],
    ['severity', query.severity],
    ['tactics', query.tactics],
    ['techniques', query.techniques],
    ['enabled', query.enabled ? undefined : false],
    ['schedule', query.schedule && scheduleOf(query.schedule)],
    ['trigger', isDefaultTrigger ? undefined : trigger],
    ['parameters', parametersOf(query.parameters)],
    ['query', query.text],
    ['keys', query.keys],
    ['entities', query.entities],
    ['customDetails', query.customDetails],
    ['connectors', query.connectors],
    ['references', query.references],
    ['tags', query.tags],
    ['version', query.version],
    ['author', query.author],
    ['status', query.status],
    ['actions', query.actions],
    ['extra', query.extra],
  ];
  // A list of no tenants is not the same as none given.
  const tenants = query.tenants && (['tenants', query.tenants] as const);
  return [...members.filter(([, value]) => saysSomething(value)), ...(tenants ? [tenants] : [])];
}

function saysSomething(value: unknown): boolean {
  if (value === undefined) return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}

function scheduleOf(schedule: QuerySchedule): Readonly<Record<string, unknown>> {
  const { every, timeZone, lookbackMinutes, learnSilently, endsAfterDays } = schedule;
  return {
    ...('cron' in every ? { cron: every.cron } : { frequency: spanOf(every.minutes) }),
    ...(timeZone !== 'UTC' && { timeZone }),
    lookback: spanOf(lookbackMinutes),
    ...(learnSilently && { learnSilently }),
    ...(endsAfterDays !== 30 && { endsAfterDays }),
  };
}

function parametersOf(parameters: readonly ParameterDeclaration[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    parameters.map(({ name, list, required, ...rest }) => [
      name,
      { ...rest, ...(list && { list }), ...(required && { required }) },
    ]),
  );
}
