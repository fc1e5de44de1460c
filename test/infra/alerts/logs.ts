import { type KustoDiagnostic, kusto, listOf } from '../../../shared/hunting/kql/kusto.ts';

/**
 * The tables that are asked, with the columns that matter here.
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces, .../apprequests
 */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AppTraces: {
    TimeGenerated: 'datetime',
    Message: 'string',
    SeverityLevel: 'int',
    Properties: 'dynamic',
    OperationId: 'string',
    OperationName: 'string',
    AppRoleName: 'string',
    ItemCount: 'int',
    TenantId: 'string',
    Type: 'string',
  },
  AppRequests: {
    TimeGenerated: 'datetime',
    Name: 'string',
    Success: 'bool',
    ResultCode: 'string',
    DurationMs: 'real',
    OperationId: 'string',
    OperationName: 'string',
    AppRoleName: 'string',
    ItemCount: 'int',
    TenantId: 'string',
    Type: 'string',
  },
};

/** The language service's names of types. */
const SCALARS: Readonly<Record<string, string>> = {
  bool: 'Bool',
  datetime: 'DateTime',
  dynamic: 'Dynamic',
  int: 'Int',
  real: 'Real',
  string: 'String',
};

const globals = (() => {
  const { Symbols, GlobalState } = kusto;
  const tables = Object.entries(TABLES).map(
    ([name, columns]) =>
      new Symbols.TableSymbol.$ctor4(
        name,
        Object.entries(columns).map(([column, type]) => {
          const scalar = Symbols.ScalarTypes[SCALARS[type] ?? ''];
          if (!scalar) throw new Error(`${type} is no type of the language service.`);
          return new Symbols.ColumnSymbol(column, scalar, null, null, null, null);
        }),
      ),
  );
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('workspace', tables, false));
})();

/** A question of the logs, bound: what is wrong with it, and the columns of its answer. */
export function bind(query: string) {
  const code = kusto.KustoCode.ParseAndAnalyze(query, globals);
  return {
    code,
    errors: listOf<KustoDiagnostic>(code.GetDiagnostics()).map(
      ({ Message, Start, Length }) => `${Message} (${query.slice(Start, Start + Length)})`,
    ),
    columns: listOf<{ readonly Name: string }>(code.ResultType?.Columns).map(({ Name }) => Name),
  };
}
