import { InvalidArgumentError } from 'commander';
import type { ParameterDeclaration } from '../../../shared/hunting/query.ts';

/** Collects `--param name=value`. */
export function addParameter(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.');
  if (before.has(name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return new Map(before).set(name, value);
}

/** Values as the binding takes them: texts; for a list the parts between commas, or a JSON list. */
export function valuesFor(
  declarations: readonly ParameterDeclaration[],
  given: ReadonlyMap<string, string> = new Map(),
): Readonly<Record<string, unknown>> {
  const lists = new Set(declarations.filter(({ list }) => list).map(({ name }) => name));
  return Object.fromEntries([...given].map(([name, text]) => [name, lists.has(name) ? listOf(text) : text]));
}

function listOf(text: string): unknown {
  if (text.trim() === '') return [];
  if (!text.trim().startsWith('[')) return text.split(',').map((part) => part.trim());
  try {
    return JSON.parse(text);
  } catch {
    // Not a list: the binding says so.
    return text;
  }
}
