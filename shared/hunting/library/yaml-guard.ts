import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { PROBLEM, type ProblemSink } from './problem.ts';

/** Deepest nesting of a query file; the deepest known field has six levels. */
const MOST_LEVELS = 32;
/** How far in front of its node a tag is looked for. */
const LONGEST_TAG = 200;

/**
 * Tells the first thing in a YAML document that a query file cannot have: a syntax error, a tag, an alias (a few of
 * them can stand for gigabytes), nesting without end, or a key that is there twice (one of the two would be ignored).
 *
 * @param text of the file, in which a tag stands in front of its node
 * @returns true when there is none
 */
export function guardDocument(document: Document, text: string, sink: ProblemSink): boolean {
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
  guardNode(document.contents, 0, { text, sink });
  return sink.errors() === before;
}

interface GuardedFile {
  readonly text: string;
  readonly sink: ProblemSink;
}

function guardNode(node: unknown, level: number, file: GuardedFile): void {
  const { sink } = file;
  if (sink.errors() > 0) return;
  if (isAlias(node)) {
    const text = 'is a YAML alias, which a query file cannot have. Write the value itself.';
    sink.error(PROBLEM.alias, node.range?.[0] ?? 0, `*${node.source} ${text}`);
    return;
  }
  if (!isScalar(node) && !isCollection(node)) return;
  if (node.tag !== undefined) {
    const { offset, written } = tagIn(file.text, node);
    const text = 'is a YAML tag, which a query file cannot have. Remove it.';
    sink.error(PROBLEM.tag, offset, `${written ?? node.tag} ${text}`);
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
      guardNode(item.key, level + 1, file);
      guardNode(item.value, level + 1, file);
    } else guardNode(item, level + 1, file);
  }
}

/** Where the tag of a node stands, and as what: right in front of the node, blanks and an anchor between. */
function tagIn(
  text: string,
  node: Scalar | YAMLMap | YAMLSeq,
): { readonly offset: number; readonly written?: string | undefined } {
  const at = node.range?.[0] ?? 0;
  const written = /!\S*(?=(?:\s+&\S+)?\s*$)/.exec(text.slice(Math.max(0, at - LONGEST_TAG), at));
  if (!written) return { offset: at };
  return { offset: Math.max(0, at - LONGEST_TAG) + written.index, written: written[0] };
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
