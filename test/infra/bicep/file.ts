import type { Node } from 'web-tree-sitter';
import type { BicepFile, Decorators, Expr, Import } from './ast.ts';
import { expressionOf, literalText } from './expressions.ts';
import { bicepParser, syntaxErrors } from './grammar.ts';
import { prepare } from './prepare.ts';
import { decoratorsOf, typeOf } from './types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };

/** Parses a file; what is no Bicep is in `syntaxErrors`, and then nothing else of it. */
export async function parseBicep(path: string, text: string): Promise<BicepFile> {
  const parser = await bicepParser();
  const tree = parser.parse(prepare(text, path.endsWith('.bicepparam')));
  if (!tree) throw new Error(`${path} was not parsed.`);
  const file = empty(path, text);
  file.syntaxErrors = [...syntaxErrors(tree.rootNode)];
  file.extensions = [...text.matchAll(/^extension (\w+)/gm)].map(([, name]) => name ?? '');
  if (file.syntaxErrors.length === 0) addStatements(file, tree.rootNode);
  tree.delete();
  return file;
}

function empty(path: string, text: string): Mutable<BicepFile> {
  return {
    path,
    text,
    syntaxErrors: [],
    scope: 'resourceGroup',
    extensions: [],
    using: undefined,
    imports: [],
    params: [],
    variables: [],
    funcs: [],
    types: [],
    resources: [],
    modules: [],
    outputs: [],
  };
}

function addStatements(file: Mutable<BicepFile>, root: Node): void {
  let decorators: Node | undefined;
  for (const node of root.namedChildren) {
    if (node.type === 'decorators') {
      decorators = node;
      continue;
    }
    add(file, node, decoratorsOf(decorators, file.text));
    decorators = undefined;
  }
}

function add(file: Mutable<BicepFile>, node: Node, decorators: Decorators): void {
  const { text } = file;
  const parts = node.namedChildren;
  const last = parts.at(-1);
  const declared = { at: node.startIndex, name: parts[0]?.text ?? '', decorators };
  const value = (): Expr => expressionOf(required(last), text);
  const typed = () => typeOf(required(parts[1]), text);
  switch (node.type) {
    case 'target_scope_assignment':
      file.scope = stringAt(last, text);
      return;
    case 'using_statement':
      file.using = stringAt(last, text);
      return;
    case 'import_functionality':
      file.imports.push(importOf(node, text));
      return;
    case 'parameter_declaration':
      file.params.push({ ...declared, type: typed(), value: parts.length > 2 ? value() : undefined });
      return;
    case 'variable_declaration':
      file.variables.push({ ...declared, value: value() });
      return;
    case 'output_declaration':
      file.outputs.push({ ...declared, type: typed(), value: value() });
      return;
    case 'type_declaration':
      file.types.push({ ...declared, type: typeOf(required(last), text) });
      return;
    case 'module_declaration':
      file.modules.push({ ...declared, path: stringAt(parts[1], text), value: value() });
      return;
    case 'resource_declaration': {
      const [type = '', version = ''] = stringAt(parts[1], text).split('@');
      const isExisting = node.children.some((child) => child.type === 'existing');
      file.resources.push({ ...declared, type, version, isExisting, value: value() });
      return;
    }
    case 'user_defined_function':
      file.funcs.push({
        ...declared,
        parameters: required(parts.find((part) => part.type === 'parameters')).namedChildren.map((part) => ({
          name: part.namedChildren[0]?.text ?? '',
          type: typeOf(required(part.namedChildren[1]), text),
        })),
        returns: typeOf(required(node.childForFieldName('returns')), text),
        body: value(),
      });
      return;
    default:
      throw new Error(`${file.path}: a statement that this check does not know: ${node.type}.`);
  }
}

function required(node: Node | null | undefined): Node {
  if (!node) throw new Error('A part of a statement is missing.');
  return node;
}

function stringAt(node: Node | undefined, text: string): string {
  return literalText(expressionOf(required(node), text)) ?? '';
}

function importOf(node: Node, text: string): Import {
  const names: { name: string; as: string }[] = [];
  let isAlias = false;
  for (const child of node.children) {
    if (child.type === 'as') isAlias = true;
    if (child.type !== 'identifier') continue;
    const last = names.at(-1);
    if (isAlias && last) last.as = child.text;
    else names.push({ name: child.text, as: child.text });
    isAlias = false;
  }
  return { at: node.startIndex, path: stringAt(node.namedChildren.at(-1), text), names };
}
