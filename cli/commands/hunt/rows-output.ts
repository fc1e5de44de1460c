import type { Command } from 'commander';
import type { Hunting } from '../../../shared/app-hunting.ts';
import { membersOf } from '../../../shared/clients/raw-json.ts';
import { addNames, csvHeader, csvLines } from '../../../shared/http/csv.ts';
import type { GroupEntry } from '../../../shared/hunting/ask/hunt-group.ts';
import type { HuntRun } from '../../../shared/hunting/run/types.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { count, counted } from '../../output/amounts.ts';
import { addOutputOptions } from '../../output/output-options.ts';
import { createScreen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';

/** How rows are printed on stdout. */
export type RowsOutput = 'table' | 'json' | 'csv';

export const addRowsOutput = (command: Command): Command =>
  addOutputOptions<RowsOutput>(command, ['table', 'json', 'csv'], 'how to print rows');

/** What there is to print: each tenant's run, or why it has none. */
export interface RunsToWrite {
  readonly entries: readonly GroupEntry[];
  readonly runs: ReadonlyMap<string, HuntRun>;
  readonly tenants: readonly Pick<Tenant, 'id' | 'name'>[];
}

const PAGE_CHARS = 4 * 1024 * 1024;
/** More rows are nothing to look at. */
const MOST_SHOWN = 100;
/** Names the tenant in rows of several. */
const TENANT_COLUMN = 'OutriderTenant';

/** Prints rows on stdout, and what is missing on stderr. @returns false when not all rows of all tenants are there */
export async function writeRuns(hunting: Hunting, what: RunsToWrite, output: RowsOutput): Promise<boolean> {
  const nameOf = new Map(what.tenants.map(({ id, name }) => [id, name]));
  const runs = what.entries.flatMap((entry) => ('run' in entry ? (what.runs.get(entry.run) ?? []) : []));
  const found = runs.filter(({ state }) => state === 'succeeded' || state === 'truncated');
  const sources = found.map((run) => ({
    count: run.rows,
    pages: () => pagesOf(hunting, run, what.entries.length > 1 ? nameOf.get(run.tenant) : undefined),
  }));
  await writeRows(sources, output);
  return tellTrouble(what, nameOf);
}

/** Rows of one tenant, which may be read twice. */
export interface RowsSource {
  readonly count: number;
  readonly pages: () => AsyncIterable<readonly string[]>;
}

/** Prints rows on stdout. */
export async function writeRows(sources: readonly RowsSource[], output: RowsOutput): Promise<void> {
  await WRITERS[output](sources);
}

/** @param tenant put into each row, where there are several */
async function* pagesOf(
  hunting: Hunting,
  run: HuntRun,
  tenant: string | undefined,
): AsyncGenerator<readonly string[], void> {
  for (let from: number | undefined = 0; from !== undefined; ) {
    const page = await hunting.rows(run, { from, mostChars: PAGE_CHARS });
    yield tenant === undefined ? page.rows : page.rows.map((row) => withTenant(row, tenant));
    from = page.next;
  }
}

/** A row's text with the tenant's name as one more member in front. */
export function withTenant(row: string, tenant: string): string {
  const member = `${JSON.stringify(TENANT_COLUMN)}:${JSON.stringify(tenant)}`;
  const rest = row.slice(row.indexOf('{') + 1);
  return `{${member}${rest.trim() === '}' ? '' : ','}${rest}`;
}

const WRITERS: Readonly<Record<RowsOutput, (sources: readonly RowsSource[]) => Promise<void>>> = {
  json: writeJson,
  csv: writeCsv,
  table: writeTable,
};

/** One JSON array; rows as the service wrote them. */
async function writeJson(sources: readonly RowsSource[]): Promise<void> {
  let between = '[';
  for (const { pages } of sources) {
    for await (const rows of pages()) {
      if (rows.length === 0) continue;
      await write(between + rows.join(',\n'));
      between = ',\n';
    }
  }
  await write(between === '[' ? '[]\n' : ']\n');
}

/** Read twice, so that the header has every column and nothing is held. */
async function writeCsv(sources: readonly RowsSource[]): Promise<void> {
  const names = new Set<string>();
  for (const { pages } of sources) for await (const rows of pages()) addNames(names, rows);
  const header = [...names];
  await write(csvHeader(header));
  for (const { pages } of sources) for await (const rows of pages()) await write(csvLines(header, rows));
}

async function writeTable(sources: readonly RowsSource[]): Promise<void> {
  const screen = createScreen();
  const shown: ReadonlyMap<string, string>[] = [];
  for (const { pages } of sources) {
    for await (const rows of pages()) {
      shown.push(...rows.slice(0, MOST_SHOWN - shown.length).map(textsOf));
      if (shown.length >= MOST_SHOWN) break;
    }
  }
  const total = sources.reduce((sum, { count }) => sum + count, 0);
  const names = [...new Set(shown.flatMap((row) => [...row.keys()]))].filter(
    (name) => !name.includes('@odata.'),
  );
  if (shown.length > 0) screen.line(table(names.map(columnOf), shown, { screen }));
  const more =
    total > shown.length ? ` The first ${count(shown.length)} are shown; --output json or csv has all.` : '';
  screen.line(`${counted(total, 'row')}.${more}`);
}

const columnOf = (name: string): Column<ReadonlyMap<string, string>> => ({
  title: name,
  text: (row) => row.get(name) ?? '',
  shrinkTo: 8,
});

function textsOf(row: string): ReadonlyMap<string, string> {
  return new Map(
    membersOf(row).map(({ key, value }) => {
      const text = row.slice(value.start, value.end);
      if (text === 'null') return [key, ''];
      return [key, text.startsWith('"') ? String(JSON.parse(text)) : text];
    }),
  );
}

/** Whatever is not all there, a line for each tenant. */
function tellTrouble({ entries, runs }: RunsToWrite, nameOf: ReadonlyMap<string, string>): boolean {
  const screen = createScreen(process.stderr);
  let whole = true;
  for (const entry of entries) {
    const words = troubleOf(entry, runs);
    if (words === undefined) continue;
    whole = false;
    screen.line(`${nameOf.get(entry.tenant) ?? entry.tenant}: ${words}`);
  }
  return whole;
}

function troubleOf(entry: GroupEntry, runs: RunsToWrite['runs']): string | undefined {
  if (!('run' in entry)) return entry.failure.text;
  const run = runs.get(entry.run);
  if (!run) return `the run ${entry.run} is not there.`;
  const { state, truncation, failure } = run;
  if (state === 'succeeded') return undefined;
  if (truncation) return `CUT OFF. ${truncation.text} ${truncation.advice}`;
  if (!failure) return `the run is ${state}.`;
  return failure.serviceMessage ? `${failure.text} Microsoft says: ${failure.serviceMessage}` : failure.text;
}

/** Waits for a slow reader, so that a large result does not pile up. */
async function write(text: string): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}
