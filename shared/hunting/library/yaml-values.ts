import { isMap, isScalar, isSeq, type Scalar } from 'yaml';

/**
 * A node as a plain value. Numbers that JavaScript would write in another way (`1.10`, 64-bit integers) stay the text
 * they are, so that nothing of an unknown field is lost. Nulls in maps and lists are dropped.
 */
export function plainValue(node: unknown): unknown {
  if (isScalar(node)) return scalarValue(node);
  if (isSeq(node)) return node.items.filter((item) => !isNull(item)).map(plainValue);
  if (!isMap(node)) return undefined;
  const entries = node.items.filter(({ value }) => !isNull(value));
  return Object.fromEntries(entries.map(({ key, value }) => [keyText(key), plainValue(value)]));
}

function scalarValue(node: Scalar): unknown {
  const { value, source } = node;
  if (typeof value === 'bigint') return source ?? String(value);
  if (typeof value === 'number' && source !== undefined && source !== String(value)) return source;
  return value;
}

/** True where nothing is given: no node, or a scalar that is null. */
export function isNull(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

/** The text of a scalar of any type, as the file has it; undefined for lists and maps. */
export function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** Where a node begins in the file; 0 when it is not known. */
export function offsetOf(node: unknown): number {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] ?? 0;
}
