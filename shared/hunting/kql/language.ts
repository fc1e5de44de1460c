import type { ParameterDeclaration } from '../query.ts';
import { type GlobalState, type KustoCode, type KustoSymbol, kusto, listOf } from './kusto.ts';
import type { Columns, HuntingFunction, HuntingSchema } from './schema.ts';

/** The language service with a schema. */
export interface Language {
  readonly schema: HuntingSchema;
  /** Parses a text and binds its names. */
  analyze(
    text: string,
    how: {
      readonly parameters: readonly ParameterDeclaration[];
      readonly wide: boolean;
      /** Tables beside those of the schema. */
      readonly more?: HuntingSchema['tables'];
    },
  ): Analysis;
  /** Names of every function, aggregate and plug-in. */
  readonly functionNames: readonly string[];
}

export interface Analysis {
  readonly text: string;
  readonly code: KustoCode;
  readonly globals: GlobalState;
}

/** The column of a workspace that Defender's tables have where a Sentinel workspace is joined to them. */
export const WORKSPACE_TIME = 'TimeGenerated';
/** The column of Defender's own tables. */
export const HUNTING_TIME = 'Timestamp';

/** Makes the service ready for a schema. Takes about 0.1 s; the first text takes half a second more. */
export function createLanguage(schema: HuntingSchema): Language {
  const globalsFor = createVariants(schema);
  const { Functions, Aggregates, PlugIns } = globalsFor({ wide: false, functions: false });
  const ownFunctions = Object.keys(schema.functions);
  return {
    schema,
    analyze(text, { parameters, wide, more }) {
      const variant = { wide, functions: ownFunctions.some((name) => text.includes(name)) };
      const base = more === undefined ? globalsFor(variant) : globalsOf(variantOf(schema, variant), more);
      const globals = parameters.length === 0 ? base : base.WithParameters(parameters.map(symbolOf));
      return { text, code: kusto.KustoCode.ParseAndAnalyze(text, globals), globals };
    },
    functionNames: [
      ...[Functions, Aggregates, PlugIns].flatMap((list) =>
        listOf<KustoSymbol>(list).map(({ Name }) => Name),
      ),
      ...ownFunctions,
    ],
  };
}

interface Variant {
  readonly wide: boolean;
  /** With the schema's functions, which few queries call, and whose declarations take a quarter of the start. */
  readonly functions: boolean;
}

/** The schema as the service has it, each variant made when it is asked for. */
function createVariants(schema: HuntingSchema): (variant: Variant) => GlobalState {
  const made = new Map<string, GlobalState>();
  return (variant) => {
    const key = JSON.stringify(variant);
    const kept = made.get(key);
    if (kept !== undefined) return kept;
    const globals = globalsOf(variantOf(schema, variant));
    made.set(key, globals);
    return globals;
  };
}

function variantOf(schema: HuntingSchema, { wide, functions }: Variant): HuntingSchema {
  const variant = wide ? widened(schema) : schema;
  return functions ? variant : { ...variant, functions: {} };
}

/** With what works although the documentation does not list it, and with a workspace's time column. */
function widened(schema: HuntingSchema): HuntingSchema {
  const tables = Object.entries({ ...schema.undocumentedTables, ...schema.tables }).map(
    ([table, columns]) => [
      table,
      {
        ...(HUNTING_TIME in columns ? { [WORKSPACE_TIME]: 'datetime' } : {}),
        ...schema.undocumentedColumns[table],
        ...columns,
      },
    ],
  );
  return { ...schema, tables: Object.fromEntries(tables) };
}

function globalsOf({ tables, functions }: HuntingSchema, more: HuntingSchema['tables'] = {}): GlobalState {
  const { TableSymbol, DatabaseSymbol } = kusto.Symbols;
  const members = [
    ...Object.entries({ ...tables, ...more }).map(
      ([name, columns]) => new TableSymbol.$ctor4(name, Object.entries(columns).map(columnSymbol)),
    ),
    ...Object.entries(functions).map(functionSymbol),
  ];
  return kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor1('hunting', members, false));
}

function columnSymbol([name, type]: readonly [string, string]): KustoSymbol {
  return new kusto.Symbols.ColumnSymbol(name, typeSymbol(type), null, null, null, null);
}

/** The package's names of KQL's types. */
const SCALARS: Readonly<Record<string, string>> = {
  string: 'String',
  datetime: 'DateTime',
  int: 'Int',
  long: 'Long',
  bool: 'Bool',
  real: 'Real',
  decimal: 'Decimal',
  guid: 'Guid',
  timespan: 'TimeSpan',
  dynamic: 'Dynamic',
};

function typeSymbol(type: string): KustoSymbol {
  const symbol = kusto.Symbols.ScalarTypes[SCALARS[type] ?? ''];
  if (symbol === undefined) throw new Error(`KQL has no type ${type}.`);
  return symbol;
}

const symbolOf = ({ name, type, list }: ParameterDeclaration): KustoSymbol =>
  new kusto.Symbols.ParameterSymbol(name, typeSymbol(list ? 'dynamic' : type), null);

/** A function with a body that gives the right columns; what is in them no check asks for. */
function functionSymbol([name, declared]: readonly [string, HuntingFunction]): KustoSymbol {
  const { call, parameters, input, keepsInputColumns, columns } = declared;
  const nulls = (of: Columns): string =>
    Object.entries(of)
      .map(([column, type]) => `['${column}']=${nullOf(type)}`)
      .join(', ');
  const table = Object.entries(input).map(([column, type]) => `['${column}']:${type}`);
  const list = [
    ...(call === 'invoke' ? [`T:(${table.join(', ') || '*'})`] : []),
    ...parameters.map(
      (parameter) =>
        `${parameter.name}:${parameter.type}${parameter.optional ? `=${nullOf(parameter.type)}` : ''}`,
    ),
  ];
  const made = nulls(columns);
  const body = keepsInputColumns && call === 'invoke' ? `T${made && ` | extend ${made}`}` : `print ${made}`;
  return new kusto.Symbols.FunctionSymbol.$ctor16(name, `(${list.join(', ')})`, `{ ${body} }`, null);
}

const nullOf = (type: string): string => (type === 'string' ? "''" : `${type}(null)`);
