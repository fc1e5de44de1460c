import { bind } from './logs.ts';
import { cellOf, type Row, type Scope } from './scalars.ts';
import { type Part, partOf } from './syntax.ts';

/** The tables that a question may ask, and when it is asked. */
export interface Logs {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly now: number;
}

/** Questions that were asked before: parsing one takes longer than answering it. */
const questions = new Map<string, Part>();

/**
 * The answer of a question over rows in memory: enough of KQL for the alerts, on the parse of Kusto's own service.
 * There is no engine for it to be had offline; what this does not know it refuses.
 * https://learn.microsoft.com/kusto/query
 */
export function runQuery(query: string, logs: Logs): readonly Row[] {
  const parsed = questions.get(query) ?? partOf(bind(query).code.Syntax, query);
  questions.set(query, parsed);
  const statements = parsed.part('Statements').parts;
  let known = logs;
  let answer: readonly Row[] = [];
  for (const statement of statements) {
    const rows = tabular(statement.part('Expression'), known);
    if (statement.kind === 'LetStatement') {
      known = { ...known, tables: { ...known.tables, [statement.part('Name').text]: rows } };
    } else answer = rows;
  }
  return answer;
}

function tabular(part: Part, logs: Logs): readonly Row[] {
  switch (part.kind) {
    case 'NameReference': {
      const rows = logs.tables[part.text];
      if (!rows) throw new Error(`There is no table ${part.text}.`);
      return rows;
    }
    case 'ParenthesizedExpression':
      return tabular(part.part('Expression'), logs);
    case 'PipeExpression':
      return operated(part.part('Operator'), tabular(part.part('Expression'), logs), logs);
    case 'UnionOperator':
      return part.part('Expressions').parts.flatMap((one) => tabular(one, logs));
    default:
      throw new Error(`No alert was thought to ask with ${part.kind}: ${part.text}`);
  }
}

function operated(operator: Part, rows: readonly Row[], logs: Logs): readonly Row[] {
  const { now } = logs;
  switch (operator.kind) {
    case 'FilterOperator':
      return rows.filter((row) => cellOf(operator.part('Condition'), { row, now }) === true);
    case 'ExtendOperator':
      return rows.map((row) => ({ ...row, ...columns(operator.part('Expressions').parts, { row, now }) }));
    case 'ProjectOperator':
      return rows.map((row) => columns(operator.part('Expressions').parts, { row, now }));
    case 'SummarizeOperator':
      return summarized(operator, rows, now);
    case 'JoinOperator':
      return joined(operator, rows, logs);
    case 'MvExpandOperator':
      return rows.flatMap((row) => expanded(operator.part('Expressions').parts, { row, now }));
    default:
      throw new Error(`No alert was thought to ask with ${operator.kind}: ${operator.text}`);
  }
}

function named(part: Part): readonly [name: string, value: Part] {
  if (part.kind === 'SimpleNamedExpression') return [part.part('Name').text, part.part('Expression')];
  return [part.text, part];
}

function columns(parts: readonly Part[], scope: Scope): Row {
  return Object.fromEntries(parts.map(named).map(([name, value]) => [name, cellOf(value, scope)]));
}

function expanded(parts: readonly Part[], { row, now }: Scope): Row[] {
  const [first] = parts;
  if (!first || parts.length > 1) throw new Error('One list is expanded at a time.');
  const [name, value] = named(first.part('Expression'));
  const list = cellOf(value, { row, now });
  return (Array.isArray(list) ? list : [list]).map((item) => ({ ...row, [name]: item }));
}

function summarized(operator: Part, rows: readonly Row[], now: number): Row[] {
  const by = operator.maybe('ByClause')?.part('Expressions').parts ?? [];
  const groups = new Map<string, { readonly keys: Row; readonly rows: Row[] }>();
  // Without a by clause there is one group, of no rows if need be: its count is 0.
  if (by.length === 0) groups.set('{}', { keys: {}, rows: [] });
  for (const row of rows) {
    const keys = columns(by, { row, now });
    const id = JSON.stringify(keys);
    const group = groups.get(id) ?? { keys, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()].map(({ keys, rows: group }) =>
    Object.assign(
      { ...keys },
      ...operator.part('Aggregates').parts.map((part) => aggregated(part, group, now)),
    ),
  );
}

function aggregated(part: Part, group: readonly Row[], now: number): Row {
  if (part.kind !== 'SimpleNamedExpression' && /^arg_max\(/.test(part.text)) return argMax(part, group, now);
  const [name, value] = named(part);
  return { [name]: cellOf(value, { row: {}, group, now }) };
}

/** The row with the most of the first argument: that column, and the others that are named. */
function argMax(part: Part, group: readonly Row[], now: number): Row {
  const args = part.part('ArgumentList').part('Expressions').parts;
  const [by] = args;
  const most = group.reduce((best, row) =>
    by && Number(cellOf(by, { row, now })) > Number(cellOf(by, { row: best, now })) ? row : best,
  );
  return columns(args, { row: most, now });
}

function joined(operator: Part, left: readonly Row[], logs: Logs): Row[] {
  if (!/kind\s*=\s*leftouter/.test(operator.text)) throw new Error('Only leftouter joins are known here.');
  const right = tabular(operator.part('Expression'), logs);
  const on = operator
    .part('ConditionClause')
    .part('Expressions')
    .parts.map(({ text }) => text);
  return left.flatMap((row) => {
    const found = right.filter((other) => on.every((column) => other[column] === row[column]));
    const others = found.length > 0 ? found : [{}];
    return others.map((other) => ({ ...other, ...row }));
  });
}
