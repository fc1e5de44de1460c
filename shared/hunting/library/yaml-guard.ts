import { type Document, isAlias, isCollection, isMap, isPair, isScalar } from 'yaml';
import { PROBLEM, type ProblemSink } from './problem.ts';

/** Deepest nesting of a query file; the deepest known field has six levels. */
const MOST_LEVELS = 32;

/**
 * Tells the first thing in a YAML document that a query file cannot have: a syntax error, a tag, an alias (a few of
 * them can stand for gigabytes), nesting without end, or a key that is there twice (one of the two would be ignored).
 *
 * @returns true when there is none
 */
export function guardDocument(document: Document, sink: ProblemSink): boolean {
  const before = sink.errors();
  const [error] = document.errors;
  if (error) {
    // Nothing of the parser's text but its first line: the rest repeats the file.
    const message = error.message.split('\n', 1)[0] ?? '';
    if (error.code === 'RESOURCE_EXHAUSTION') {
      sink.error(PROBLEM.nesting, error.pos[0], 'The YAML is nested too deeply to be a query file.');
    } else sink.error(PROBLEM.yaml, error.pos[0], `The YAML cannot be read: ${message}`);
    return false;
  }
  guardNode(document.contents, 0, sink);
  return sink.errors() === before;
}

function guardNode(node: unknown, level: number, sink: ProblemSink): void {
  if (sink.errors() > 0) return;
  if (isAlias(node)) {
    const text = 'is a YAML alias, which a query file cannot have. Write the value itself.';
    sink.error(PROBLEM.alias, node.range?.[0] ?? 0, `*${node.source} ${text}`);
    return;
  }
  if (!isScalar(node) && !isCollection(node)) return;
  if (node.tag !== undefined) {
    const text = 'is a YAML tag, which a query file cannot have. Remove it.';
    sink.error(PROBLEM.tag, node.range?.[0] ?? 0, `${node.tag} ${text}`);
    return;
  }
  if (!isCollection(node)) return;
  if (level > MOST_LEVELS) {
    sink.error(PROBLEM.nesting, node.range?.[0] ?? 0, 'The YAML is nested too deeply to be a query file.');
    return;
  }
  if (isMap(node)) guardKeys(node.items, sink);
  for (const item of node.items) {
    if (isPair(item)) {
      guardNode(item.key, level + 1, sink);
      guardNode(item.value, level + 1, sink);
    } else guardNode(item, level + 1, sink);
  }
}

function guardKeys(pairs: readonly { readonly key: unknown }[], sink: ProblemSink): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) {
      sink.error(
        PROBLEM.duplicateKey,
        key.range?.[0] ?? 0,
        `The key "${name}" is there twice. Remove one of them.`,
      );
      return;
    }
    seen.add(name);
  }
}
