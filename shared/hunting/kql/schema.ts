import { OutriderError } from '../../errors.ts';

/** Columns by name with KQL's word for their type. */
export type Columns = Readonly<Record<string, string>>;

/** A tabular function of the hunting service. */
export interface HuntingFunction {
  /** `invoke`: `T | invoke F(…)`; `direct`: `F(…)`. */
  readonly call: 'invoke' | 'direct';
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly optional: boolean;
  }[];
  /** Columns that the table it is invoked on must have; none: any table. */
  readonly input: Columns;
  readonly keepsInputColumns: boolean;
  /** Columns that it gives, or adds. */
  readonly columns: Columns;
}

/** What queries are checked against: table to columns. */
export interface HuntingSchema {
  readonly tables: Readonly<Record<string, Columns>>;
  readonly functions: Readonly<Record<string, HuntingFunction>>;
  /** Columns that work but that no page of the documentation lists. */
  readonly undocumentedColumns: Readonly<Record<string, Columns>>;
  /** Tables that work but that no page of the documentation lists. */
  readonly undocumentedTables: Readonly<Record<string, Columns>>;
}

/** Every scalar type of KQL by each of its names: https://learn.microsoft.com/kusto/query/scalar-data-types/ */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'string',
  datetime: 'datetime',
  date: 'datetime',
  int: 'int',
  long: 'long',
  bool: 'bool',
  boolean: 'bool',
  real: 'real',
  double: 'real',
  decimal: 'decimal',
  guid: 'guid',
  timespan: 'timespan',
  time: 'timespan',
  dynamic: 'dynamic',
};
const KNOWN_KEYS = ['about', 'alone', 'tables', 'functions', 'undocumentedColumns', 'undocumentedTables'];

/** A schema as a file has it. */
export interface SchemaFile {
  readonly schema: HuntingSchema;
  /** It stands for itself, instead of being added to the schema of advanced hunting. */
  readonly alone: boolean;
}

/**
 * Reads a schema file's value. Columns are written `"Timestamp:datetime, DeviceId:string"` or `{"Timestamp": "datetime"}`.
 *
 * @param name what to call the file in an error
 * @throws OutriderError `config.invalid` that names every fault
 */
export function readSchema(value: unknown, name: string): SchemaFile {
  const faults: string[] = [];
  const top = mapOf(value, 'the file', faults);
  for (const key of Object.keys(top)) {
    if (!KNOWN_KEYS.includes(key))
      faults.push(`"${key}" is not a part of a schema (${KNOWN_KEYS.join(', ')})`);
  }
  const tablesOf = (part: string): Record<string, Columns> =>
    mapValues(mapOf(top[part] ?? {}, part, faults), (columns, table) =>
      columnsOf(columns, `${part}.${table}`, faults),
    );
  const schema: HuntingSchema = {
    tables: tablesOf('tables'),
    functions: mapValues(mapOf(top.functions ?? {}, 'functions', faults), (entry, called) =>
      functionOf(entry, `functions.${called}`, faults),
    ),
    undocumentedColumns: tablesOf('undocumentedColumns'),
    undocumentedTables: tablesOf('undocumentedTables'),
  };
  if (faults.length === 0) return { schema, alone: top.alone === true };
  throw new OutriderError('config.invalid', `The schema ${name} cannot be used: ${faults.join('; ')}.`, {
    details: faults,
  });
}

/** The first schema with what the second adds; a table of both has the columns of both, the second's type first. */
export function mergeSchemas(base: HuntingSchema, extra: HuntingSchema): HuntingSchema {
  const merge = (
    a: Readonly<Record<string, Columns>>,
    b: Readonly<Record<string, Columns>>,
  ): Readonly<Record<string, Columns>> => ({
    ...a,
    ...mapValues(b, (columns, table) => ({ ...a[table], ...columns })),
  });
  return {
    tables: merge(base.tables, extra.tables),
    functions: { ...base.functions, ...extra.functions },
    undocumentedColumns: merge(base.undocumentedColumns, extra.undocumentedColumns),
    undocumentedTables: merge(base.undocumentedTables, extra.undocumentedTables),
  };
}

function functionOf(value: unknown, place: string, faults: string[]): HuntingFunction {
  const entry = mapOf(value, place, faults);
  const { call = 'direct', parameters = '' } = entry;
  if (call !== 'invoke' && call !== 'direct') faults.push(`${place}.call is neither "invoke" nor "direct"`);
  return {
    call: call === 'invoke' ? 'invoke' : 'direct',
    parameters: Object.entries(columnsOf(parameters, `${place}.parameters`, faults)).map(([name, type]) => ({
      name: name.replace(/\?$/, ''),
      type,
      optional: name.endsWith('?'),
    })),
    input: columnsOf(entry.input ?? '', `${place}.input`, faults),
    keepsInputColumns: entry.keepsInputColumns === true,
    columns: columnsOf(entry.columns ?? '', `${place}.columns`, faults),
  };
}

function columnsOf(value: unknown, place: string, faults: string[]): Columns {
  const pairs =
    typeof value === 'string'
      ? value
          .split(',')
          .filter((pair) => pair.trim() !== '')
          .map((pair) => pair.split(':').map((word) => word.trim()))
      : Object.entries(mapOf(value, place, faults));
  const columns: Record<string, string> = {};
  for (const [name = '', type] of pairs) {
    const known = typeof type === 'string' ? TYPE_NAMES[type] : undefined;
    if (name === '') faults.push(`${place} has a column without a name`);
    else if (known === undefined) faults.push(`${place}.${name} ${typeFault(type)}`);
    else columns[name] = known;
  }
  return columns;
}

function typeFault(type: unknown): string {
  if (type === undefined) return 'has no type: write "Name:type"';
  return typeof type === 'string'
    ? `has the type ${type}, which is none of KQL (${[...new Set(Object.values(TYPE_NAMES))].join(', ')})`
    : 'must be the name of a type: columns are "Timestamp:datetime, DeviceId:string" or { "Timestamp": "datetime" }';
}

function mapOf(value: unknown, place: string, faults: string[]): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  faults.push(`${place} is not a map`);
  return {};
}

function mapValues<From, To>(
  map: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}
