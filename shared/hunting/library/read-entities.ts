import type { HuntingQuery } from '../query.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import type { Fields } from './yaml-fields.ts';
import { plainValue } from './yaml-values.ts';

type Entity = HuntingQuery['entities'][number];

/**
 * The entities that a query's columns name: ours (`type`, `identifier`, `column`), Sentinel's `entityMappings`
 * (`entityType`, `fieldMappings`) or the `impactedAssets` of Defender's custom detections. What has another form is
 * handed to `keep` whole.
 */
export function readEntities(
  fields: Fields,
  sink: ProblemSink,
  keep: (key: string, value: unknown) => void,
): readonly Entity[] {
  const field = fields.take('entities');
  if (!field) return [];
  const value = plainValue(field.node);
  const items = Array.isArray(value) ? value : [value];
  const read = items.map(entitiesOf);
  const odd = items.filter((_item, index) => read[index] === undefined);
  if (odd.length > 0) {
    keep(field.key, odd);
    sink.warn(
      PROBLEM.unknownValue,
      field.offset,
      `"${field.key}" has entries without a type, an identifier and a column; they are kept, and mean nothing.`,
    );
  }
  return read.flatMap((entities) => entities ?? []);
}

function entitiesOf(item: unknown): readonly Entity[] | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const map = item as Readonly<Record<string, unknown>>;
  const type = firstText(map.type, map.entityType, assetType(map['@odata.type']));
  if (type === undefined) return undefined;
  const mappings = map.fieldMappings;
  if (Array.isArray(mappings)) {
    const columns = mappings.map((mapping) => columnOf(type, mapping));
    return columns.every((column) => column !== undefined) ? columns : undefined;
  }
  const own = columnOf(type, map);
  return own && [own];
}

function columnOf(type: string, mapping: unknown): Entity | undefined {
  if (typeof mapping !== 'object' || mapping === null) return undefined;
  const map = mapping as Readonly<Record<string, unknown>>;
  const identifier = firstText(map.identifier);
  // Graph's impacted assets name the column by their identifier: `accountObjectId`.
  const column =
    firstText(map.column, map.columnName) ?? (map['@odata.type'] ? pascal(identifier) : undefined);
  return identifier === undefined || column === undefined ? undefined : { type, identifier, column };
}

function assetType(type: unknown): string | undefined {
  const [, name] = /impacted(\w+)Asset$/.exec(typeof type === 'string' ? type : '') ?? [];
  return name;
}

function pascal(text: string | undefined): string | undefined {
  return text && text.slice(0, 1).toUpperCase() + text.slice(1);
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
