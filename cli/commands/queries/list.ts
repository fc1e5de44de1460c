import type { Command } from 'commander';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { counted } from '../../output/amounts.ts';
import { printJson } from '../../output/json.ts';
import { createScreen, type Style } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';
import { exitCodeFor, libraryOption, openLibrary } from './library.ts';
import { queryForPrograms, scheduleWords } from './query-words.ts';

const SEVERITY_STYLES: Readonly<Record<string, Style>> = { high: 'red', medium: 'yellow', low: 'cyan' };

const COLUMNS: readonly Column<HuntingQuery>[] = [
  { title: 'Id', text: ({ id }) => id },
  {
    title: 'Severity',
    text: ({ severity }) => severity ?? '',
    style: ({ severity }) => SEVERITY_STYLES[severity ?? ''],
  },
  { title: 'Schedule', text: scheduleWords },
  { title: 'Tactics', text: ({ tactics }) => tactics.join(', '), shrinkTo: 12 },
  { title: 'Name', text: ({ name }) => name, shrinkTo: 20 },
];

interface ListOptions {
  readonly library: string;
  readonly json?: boolean;
}

/** `outrider queries list`: 1 when a file has an error, for then a query is missing. */
export function registerQueriesList(queries: Command): void {
  queries
    .command('list')
    .description('List the queries of the library; what is wrong in it goes to stderr.')
    .addOption(libraryOption())
    .option('--json', 'one JSON array of queries')
    .addHelpText('after', '\nExample:\n  $ outrider queries list --json')
    .action(async ({ library: folder, json }: ListOptions) => {
      const library = await openLibrary(folder);
      process.exitCode = exitCodeFor(library.problems);
      if (json) {
        printJson(library.queries.map(queryForPrograms));
        return;
      }
      const screen = createScreen();
      if (library.queries.length > 0) screen.line(table(COLUMNS, library.queries, { screen }));
      const scheduled = library.queries.filter(({ schedule, enabled }) => schedule && enabled).length;
      screen.line(
        `${counted(library.queries.length, 'query', 'queries')}, ${scheduled} of them on schedule.`,
      );
    });
}
