import '@kusto/language-service-next/bridge.min.js';
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js';

/**
 * What this folder uses of Microsoft's language service. The package's own declarations are 1.7 MB of generated
 * .NET types in global namespaces, everything nullable; these few are what a reader has to know. Names are the
 * package's.
 */
export interface SyntaxElement {
  readonly Kind: number;
  readonly IsToken: boolean;
  /** Where the text of the element begins, blanks and comments before it left out. UTF-16 units. */
  readonly TextStart: number;
  readonly Width: number;
  readonly End: number;
  readonly ChildCount: number;
  readonly NameInParent: string | null;
  readonly Parent: SyntaxElement | null;
  GetChild(index: number): SyntaxElement | null;
  /** Of tokens. */
  readonly Text?: string;
  /** Of nodes that name something. */
  readonly ReferencedSymbol?: KustoSymbol | null;
  /** Of expressions and query operators. */
  readonly ResultType?: KustoSymbol | null;
  readonly SimpleName?: string | null;
  readonly IsConstant?: boolean;
  readonly IsLiteral?: boolean;
  readonly LiteralValue?: unknown;
}

export interface KustoSymbol {
  readonly Name: string;
  /** Of columns, variables and parameters. */
  readonly Type?: KustoSymbol | null;
  /** Of tables. */
  readonly Columns?: unknown;
  /** Of tables: there may be more columns than are known. */
  readonly IsOpen?: boolean;
  /** Of a group, which a name with a wildcard stands for: its tables. Of a table: its columns. */
  readonly Members?: unknown;
}

export interface KustoDiagnostic {
  readonly Code: string;
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
}

export interface GlobalState {
  readonly Functions: unknown;
  readonly Aggregates: unknown;
  readonly PlugIns: unknown;
  WithDatabase(database: KustoSymbol): GlobalState;
  WithParameters(parameters: readonly KustoSymbol[]): GlobalState;
  IsDatabaseTable(table: KustoSymbol): boolean;
  IsBuiltInFunction(symbol: KustoSymbol): boolean;
  GetTable(column: KustoSymbol): KustoSymbol | null;
}

export interface KustoCode {
  readonly Syntax: SyntaxElement;
  readonly ResultType: KustoSymbol | null;
  GetDiagnostics(): unknown;
  GetSyntaxDiagnostics(): unknown;
  GetColumnsInScope(position: number): KustoSymbol | null;
}

type SymbolClass<Args extends readonly unknown[]> = new (...args: Args) => KustoSymbol;

interface KustoLanguage {
  readonly GlobalState: { readonly Default: GlobalState };
  readonly KustoCode: {
    /** By its first words alone, without a parse. */
    GetKind(text: string): string;
    Parse(text: string, globals: GlobalState): KustoCode;
    ParseAndAnalyze(text: string, globals: GlobalState): KustoCode;
  };
  readonly Editor: {
    readonly CodeScript: { From$1(text: string, globals: GlobalState): { readonly Blocks: unknown } };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, unknown>> };
  readonly Symbols: {
    readonly ScalarTypes: Readonly<Record<string, KustoSymbol>>;
    readonly ColumnSymbol: SymbolClass<
      [
        name: string,
        type: KustoSymbol,
        description: null,
        originalColumns: null,
        source: null,
        examples: null,
      ]
    >;
    readonly TableSymbol: SymbolClass<readonly unknown[]> & {
      readonly $ctor4: SymbolClass<[name: string, columns: readonly KustoSymbol[]]>;
    };
    readonly FunctionSymbol: SymbolClass<readonly unknown[]> & {
      readonly $ctor16: SymbolClass<[name: string, parameters: string, body: string, description: null]>;
    };
    readonly DatabaseSymbol: {
      readonly $ctor1: SymbolClass<[name: string, members: readonly KustoSymbol[], isOpen: boolean]>;
    };
    readonly ParameterSymbol: SymbolClass<[name: string, type: KustoSymbol, description: null]>;
    readonly VariableSymbol: SymbolClass<readonly unknown[]>;
    readonly GroupSymbol: SymbolClass<readonly unknown[]>;
  };
}

// The two scripts above are no modules: they leave their names on the global object.
const scripts = globalThis as unknown as {
  readonly Kusto: { readonly Language: KustoLanguage };
  readonly Bridge: { toArray(list: unknown): readonly unknown[] };
};

export const kusto: KustoLanguage = scripts.Kusto.Language;

/** The members of a .NET list of the package; none of null. The caller knows their type from the package. */
export function listOf<Member>(list: unknown): readonly Member[] {
  return list === null || list === undefined ? [] : (scripts.Bridge.toArray(list) as readonly Member[]);
}
