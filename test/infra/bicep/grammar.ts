import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
let loading: Promise<Parser> | undefined;

/** The parser of tree-sitter-bicep, loaded once: https://github.com/tree-sitter-grammars/tree-sitter-bicep */
export function bicepParser(): Promise<Parser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Parser> {
  await Parser.init();
  const wasm = await readFile(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'));
  const parser = new Parser();
  parser.setLanguage(await Language.load(wasm));
  return parser;
}

/** The first places where the text is no Bicep, as offsets. */
export function syntaxErrors(root: Node): readonly number[] {
  if (!root.hasError) return [];
  const found: number[] = [];
  const look = (node: Node): void => {
    if (node.isError || node.isMissing) {
      found.push(node.startIndex);
      return;
    }
    for (const child of node.children) if (child?.hasError || child?.isMissing) look(child);
  };
  look(root);
  return found.length > 0 ? found : [root.startIndex];
}
