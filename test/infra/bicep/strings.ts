import type { Node } from 'web-tree-sitter';
import type { Expr } from './ast.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The parts of a string: texts as they are in the original, and what is interpolated. */
export function stringOf(node: Node, text: string, of: (child: Node) => Expr): (string | Expr)[] {
  const isBlock = text.startsWith("'''", node.startIndex);
  const quotes = isBlock ? 3 : 1;
  const parts: (string | Expr)[] = [];
  let from = node.startIndex + quotes;
  const take = (to: number): void => {
    if (to <= from) return;
    const raw = text.slice(from, to);
    parts.push(isBlock ? raw.replace(/^\r?\n/, '') : unescaped(raw));
  };
  for (const child of node.namedChildren) {
    if (child.type !== 'interpolation') continue;
    take(child.startIndex);
    const [inner] = child.namedChildren;
    if (inner) parts.push(of(inner));
    from = child.endIndex;
  }
  take(node.endIndex - quotes);
  return parts;
}

function unescaped(raw: string): string {
  return raw.replaceAll(/\\(?:u\{([0-9a-fA-F]+)\}|(.))/g, (_, code: string | undefined, letter: string) =>
    code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
