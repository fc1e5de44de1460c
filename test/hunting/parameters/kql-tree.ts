import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

/** What is used here of Microsoft's parser, which puts itself into the global object. */
interface Parser {
  readonly KustoCode: { Parse(text: string): Parsed };
  readonly Syntax: {
    readonly SyntaxElement: { WalkNodes(root: unknown, visit: (node: Node) => void): void };
    readonly LiteralExpression: new () => object;
  };
}
interface Parsed {
  readonly Syntax: unknown;
  GetSyntaxDiagnostics(): { readonly Count: number };
}
interface Node {
  readonly Kind: number;
  readonly LiteralValue?: unknown;
}

const parser = (globalThis as unknown as { readonly Kusto: { readonly Language: Parser } }).Kusto.Language;

/** What the parser makes of a text: its complaints, and the kinds of its nodes in order, without their texts. */
export function shapeOf(text: string): string {
  const code = parser.KustoCode.Parse(text);
  const kinds = [code.GetSyntaxDiagnostics().Count];
  parser.Syntax.SyntaxElement.WalkNodes(code.Syntax, (node) => kinds.push(node.Kind));
  return kinds.join(' ');
}

/** The values that the parser reads in the string literals of a text, in order. */
export function textsOf(text: string): string[] {
  const texts: string[] = [];
  parser.Syntax.SyntaxElement.WalkNodes(parser.KustoCode.Parse(text).Syntax, (node) => {
    if (!(node instanceof parser.Syntax.LiteralExpression)) return;
    if (typeof node.LiteralValue === 'string') texts.push(node.LiteralValue);
  });
  return texts;
}
