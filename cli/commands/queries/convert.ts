import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Library } from '../../../shared/hunting/library/load-library.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { counted } from '../../output/amounts.ts';
import { EXIT, fail, messageOf } from '../../output/failure.ts';
import { createScreen } from '../../output/screen.ts';
import { exitCodeFor, tellProblems } from './library.ts';

interface ConvertOptions {
  readonly out?: string;
  readonly force?: boolean;
}

/** A query and its text in our own form. */
interface Converted {
  readonly query: HuntingQuery;
  readonly text: string;
}

/** `outrider queries convert PATH…`: any accepted form to ours. 1 when a query could not be taken over. */
export function registerQueriesConvert(queries: Command): void {
  queries
    .command('convert')
    .description('Write queries of any accepted form (YAML, Markdown, KQL) in our own, nothing lost.')
    .argument('<path...>', 'files or folders')
    .option('--out <folder>', 'one file for each query in this folder (default: all to stdout)')
    .option('--force', 'write over files that are there')
    .addHelpText('after', '\nExample:\n  $ outrider queries convert ./community --out ./queries')
    .action(async (paths: readonly string[], options: ConvertOptions) => {
      const { loadLibrary } = await import('../../../shared/hunting/library/load-library.ts');
      const library = await loadLibrary(paths);
      tellProblems(library.problems);
      const { converted, failed } = await convert(library);
      if (options.out === undefined) print(converted);
      else await writeAll(converted, options.out, options.force ?? false);
      process.exitCode = failed ? EXIT.no : exitCodeFor(library.problems);
    });
}

async function convert({ queries }: Library): Promise<{ converted: readonly Converted[]; failed: boolean }> {
  const { writeQuery } = await import('../../../shared/hunting/library/write-query.ts');
  const screen = createScreen(process.stderr);
  const converted: Converted[] = [];
  for (const query of queries) {
    try {
      converted.push({ query, text: writeQuery(query) });
    } catch (error) {
      screen.line(`${query.source.file}: ${messageOf(error)}`);
    }
  }
  return { converted, failed: converted.length < queries.length };
}

/** Several are one stream of YAML documents, which the library reads as well. */
function print(converted: readonly Converted[]): void {
  process.stdout.write(converted.map(({ text }) => text).join('---\n'));
}

async function writeAll(converted: readonly Converted[], folder: string, force: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  const screen = createScreen();
  for (const { query, text } of converted) {
    const file = join(folder, `${query.id.replaceAll('#', '-')}.yaml`);
    try {
      await writeFile(file, text, { flag: force ? 'w' : 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      fail(EXIT.usage, `${file} is there already. Choose another folder, or write over it with --force.`);
    }
    screen.line(file);
  }
  createScreen(process.stderr).line(`${counted(converted.length, 'query', 'queries')} converted.`);
}
