import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { comparableName, FIELD_NAMES, type FieldName } from './field-names.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { isNull, keyText, offsetOf, plainValue, scalarText } from './yaml-values.ts';

/** A field of a map as the file has it. */
export interface Field {
  /** The key as it is spelt. */
  readonly key: string;
  readonly keyOffset: number;
  /** The value's node; never null. */
  readonly node: unknown;
  /** Where the value begins in the file. */
  readonly offset: number;
}

/** Typed reading of a map's fields. What has the wrong type is an error and counts as absent. */
export interface Fields {
  /** The field in the first of its spellings that has a value. */
  take(name: FieldName): Field | undefined;
  text(name: FieldName): string | undefined;
  boolean(name: FieldName): boolean | undefined;
  /** A list of texts; a single text counts as a list of one. Items of other types go to `odd`, if that is given. */
  texts(name: FieldName, odd?: (value: unknown) => void): readonly string[] | undefined;
  /** A list of anything; a single value counts as a list of one. */
  list(name: FieldName): readonly unknown[];
  /** Where the value of a field begins in the file. Takes nothing. */
  offsetOf(name: FieldName): number | undefined;
  /** Fields that nothing took, nulls left out. */
  rest(): readonly Field[];
}

/** Reads the fields of a query's map. */
export function createFields(map: YAMLMap, sink: ProblemSink): Fields {
  const fields = fieldsOf(map);
  const taken = new Set<Field>();
  const bySpelling = Map.groupBy(fields, ({ key }) => comparableName(key));

  const find = (name: FieldName): Field | undefined => {
    for (const spelling of FIELD_NAMES[name]) {
      const field = bySpelling.get(comparableName(spelling))?.[0];
      if (field) return field;
    }
    return undefined;
  };
  const take = (name: FieldName): Field | undefined => {
    const field = find(name);
    if (field) taken.add(field);
    return field;
  };
  const typed = <Value>(
    name: FieldName,
    wanted: string,
    read: (node: unknown) => Value | undefined,
  ): Value | undefined => {
    const field = take(name);
    if (!field) return undefined;
    const value = read(field.node);
    if (value === undefined) illTyped(sink, field, wanted);
    return value;
  };

  return {
    take,
    text: (name) => typed(name, 'a text', scalarText),
    boolean: (name) => typed(name, 'true or false', booleanOf),
    texts: (name, odd) => typed(name, 'a list of texts', (node) => textsOf(node, odd)),
    list: (name) => {
      const field = take(name);
      if (!field) return [];
      const value = plainValue(field.node);
      return Array.isArray(value) ? value : [value];
    },
    offsetOf: (name) => find(name)?.offset,
    rest: () => fields.filter((field) => !taken.has(field)),
  };
}

/** The fields of a map that have a value. */
export function fieldsOf(map: YAMLMap): readonly Field[] {
  return map.items
    .filter(({ value }) => !isNull(value))
    .map(({ key, value }) => ({
      key: keyText(key),
      keyOffset: offsetOf(key),
      node: value,
      offset: offsetOf(value),
    }));
}

export function illTyped(sink: ProblemSink, field: Field, wanted: string): void {
  sink.error(PROBLEM.illTyped, field.offset, `"${field.key}" must be ${wanted}.`);
}

export function booleanOf(node: unknown): boolean | undefined {
  return isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined;
}

/** A number as the file has it; undefined for anything else. */
export function numberOf(node: unknown): number | undefined {
  return isScalar(node) && typeof node.value === 'number' && Number.isFinite(node.value)
    ? node.value
    : undefined;
}

function textsOf(node: unknown, odd?: (value: unknown) => void): readonly string[] | undefined {
  const single = scalarText(node);
  if (single !== undefined) return single.trim() === '' ? [] : [single];
  if (isMap(node) && odd) {
    odd(plainValue(node));
    return [];
  }
  if (!isSeq(node)) return undefined;
  const texts: string[] = [];
  for (const item of node.items) {
    if (isNull(item)) continue;
    const text = scalarText(item);
    if (text !== undefined) texts.push(text);
    else if (odd) odd(plainValue(item));
    else return undefined;
  }
  return texts;
}
