import { createRequire } from 'node:module';
import { readDeclarations } from '../schema/declarations.ts';

/** As much of Microsoft's KQL language service as the lab uses. It is C# translated, hence the lists and names. */
export interface KustoList<T> {
  readonly Count: number;
  getItem(place: number): T;
}

export interface KustoSymbol {
  readonly Kind: number;
  readonly Name: string;
  readonly Columns?: KustoList<{ readonly Name: string; readonly Type: KustoSymbol }>;
  readonly IsOpen?: boolean;
}

/** An element of the syntax tree: an expression, an operator, a token. */
export interface KustoNode {
  readonly Kind: number;
  readonly IsToken?: boolean;
  /** A token's own text. */
  readonly Text?: string;
  readonly TextStart: number;
  readonly End: number;
  readonly ChildCount: number;
  GetChild(place: number): KustoNode | null;
  readonly Parent?: KustoNode | null;
  readonly ResultType?: KustoSymbol | null;
  readonly ReferencedSymbol?: KustoSymbol | null;
  readonly ConstantValue?: { toString(): string } | null;
}

export interface KustoDiagnostic {
  readonly Code: string;
  readonly Severity: string;
  readonly Start: number;
  readonly Length: number;
  readonly Message: string;
}

export interface KustoCode {
  /** `Query`, `Command`, `Directive`. */
  readonly Kind: string;
  readonly Syntax: KustoNode;
  readonly ResultType: KustoSymbol | null;
  GetDiagnostics(): KustoList<KustoDiagnostic>;
  GetSyntaxDiagnostics(): KustoList<KustoDiagnostic> | readonly KustoDiagnostic[];
}

interface Language {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: object): KustoCode };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly Symbols: {
    readonly TableSymbol: { $ctor7: new (name: string, columns: string, text: null) => object };
    readonly FunctionSymbol: {
      $ctor16: new (name: string, parameters: string, body: string, text: null) => object;
    };
    readonly DatabaseSymbol: { $ctor1: new (name: string, members: object[], isOpen: boolean) => object };
    readonly SymbolKind: Readonly<Record<string, number>>;
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, number>> };
}

export interface Kusto {
  /** Parses and binds against the tables and functions of advanced hunting. */
  analyze(query: string): KustoCode;
  /** The name of a node's kind: `FilterOperator`, `NameReference` … */
  kindOf(node: KustoNode): string;
  readonly symbolKinds: Readonly<Record<string, number>>;
}

/**
 * Loads the language service, some 300 ms of CPU time and tens of megabytes, and declares the tables to it. It
 * puts itself into the global object, which is one of the reasons for a thread of its own.
 */
export function loadKusto(): Kusto {
  const load = createRequire(import.meta.url);
  load('@kusto/language-service-next/bridge.min.js');
  load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { Language } = (globalThis as unknown as { readonly Kusto: { readonly Language: Language } }).Kusto;
  const globals = declare(Language);
  const kinds = new Map(Object.entries(Language.Syntax.SyntaxKind).map(([name, kind]) => [kind, name]));
  return {
    analyze: (query) => Language.KustoCode.ParseAndAnalyze(query, globals),
    kindOf: ({ Kind }) => kinds.get(Kind) ?? '',
    symbolKinds: Language.Symbols.SymbolKind,
  };
}

function declare({ Symbols, GlobalState }: Language): object {
  const { tables, functions } = readDeclarations();
  const members = [
    ...Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, columns, null)),
    ...Object.entries(functions).map(
      ([name, { parameters, body }]) => new Symbols.FunctionSymbol.$ctor16(name, parameters, body, null),
    ),
  ];
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('Defender', members, false));
}

/** The children of a node, in the order of the text. */
export function childrenOf(node: KustoNode): KustoNode[] {
  const children: KustoNode[] = [];
  for (let place = 0; place < node.ChildCount; place += 1) {
    const child = node.GetChild(place);
    if (child) children.push(child);
  }
  return children;
}

/** The list of the service as one of JavaScript's; some of its lists are that already. */
export function itemsOf<T>(list: KustoList<T> | readonly T[]): readonly T[] {
  if (!('Count' in list)) return list;
  return Array.from({ length: list.Count }, (_, place) => list.getItem(place));
}
