import type { Command } from 'commander';
import { registerQueriesCheck } from './check.ts';
import { registerQueriesConvert } from './convert.ts';
import { registerQueriesList } from './list.ts';
import { registerQueriesNew } from './new.ts';
import { registerQueriesShow } from './show.ts';

const EXAMPLES = `
Examples:
  $ outrider queries list
  $ outrider queries show device-recovery-sabotage
  $ outrider queries check queries
  $ outrider queries new "Odd services on servers"
  $ outrider queries convert ./community --out ./queries`;

/** `outrider queries …`: the library of hunting queries. */
export function registerQueries(program: Command): void {
  const queries = program
    .command('queries')
    .description('Look at hunting queries, check them, write new ones, take over those of others.')
    .addHelpText('after', EXAMPLES);
  for (const register of [
    registerQueriesList,
    registerQueriesShow,
    registerQueriesCheck,
    registerQueriesNew,
    registerQueriesConvert,
  ]) {
    register(queries);
  }
}
