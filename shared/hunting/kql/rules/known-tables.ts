import { found } from '../codes.ts';
import { kusto, type SyntaxElement } from '../kusto.ts';
import { WORKSPACE_TIME } from '../language.ts';
import { placeOf, type QueryContext } from '../query-context.ts';
import { DEPRECATED } from '../table-facts.ts';
import { isKind } from '../tree.ts';
import type { Rule } from './rule.ts';

/** Tables that are being retired, each once. */
export const deprecatedTables: Rule = ({ tableNames }) =>
  firstOfEach(tableNames, ({ table }) => table).flatMap(({ table, node }) => {
    const retired = DEPRECATED[table];
    if (retired === undefined || !node.SimpleName?.startsWith(table)) return [];
    return [
      found(
        'KQL204',
        placeOf(node),
        `${table}: ${retired.note} Use ${retired.successor}.`,
        retired.successor,
      ),
    ];
  });

/** Tables that the documentation does not list, each once. */
export const undocumentedTables: Rule = ({ tableNames, language: { schema } }) =>
  firstOfEach(tableNames, ({ table }) => table)
    .filter(({ table }) => table in schema.undocumentedTables && !(table in schema.tables))
    .map(({ table, node }) => found('KQL203', placeOf(node), `The table ${table} is not documented.`));

/** Columns that the documentation does not list, each once. */
export const undocumentedColumns: Rule = (context) =>
  firstOfEach(columnNames(context), ({ table, column }) => `${table}.${column}`)
    .filter(
      ({ table, column }) =>
        column in (context.language.schema.undocumentedColumns[table] ?? {}) &&
        !(column in (context.language.schema.tables[table] ?? {})),
    )
    .map(({ node, table, column }) =>
      found('KQL202', placeOf(node), `The column ${column} of ${table} is not documented.`),
    );

/** TimeGenerated in a query that is not for a workspace, once. */
export const workspaceTime: Rule = (context) => {
  if (context.request.platform === 'sentinel') return [];
  const { schema } = context.language;
  const first = columnNames(context).find(
    ({ table, column }) => column === WORKSPACE_TIME && !(column in (schema.tables[table] ?? {})),
  );
  if (first === undefined) return [];
  const message =
    'TimeGenerated exists only where a Sentinel workspace is joined to the Defender portal. Use Timestamp.';
  return [found('KQL210', placeOf(first.node), message, 'Timestamp')];
};

/** Names of columns that come from tables of the schema, where they stand in the text. */
function columnNames({ nodes, globals }: QueryContext): readonly {
  readonly node: SyntaxElement;
  readonly table: string;
  readonly column: string;
}[] {
  return nodes.flatMap((node) => {
    const symbol = isKind(node, 'NameReference') ? node.ReferencedSymbol : undefined;
    if (symbol === null || symbol === undefined || !(symbol instanceof kusto.Symbols.ColumnSymbol)) return [];
    const table = globals.GetTable(symbol);
    return table === null ? [] : [{ node, table: table.Name, column: symbol.Name }];
  });
}

function firstOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  const first = new Map<string, Item>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}
