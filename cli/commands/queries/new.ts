import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT, fail } from '../../output/failure.ts';
import { createScreen } from '../../output/screen.ts';
import { libraryOption } from './library.ts';
import { queryTemplate } from './template.ts';

/** `outrider queries new NAME`: a file to begin with; never over one that is there. */
export function registerQueriesNew(queries: Command): void {
  queries
    .command('new')
    .description('Write a commented file for a new query, which passes the check as it is.')
    .argument('<name>', 'its name; the id and the file name are made of it')
    .addOption(libraryOption())
    .addHelpText('after', '\nExample:\n  $ outrider queries new "Odd services on servers"')
    .action(async (name: string, { library }: { readonly library: string }) => {
      if (name.trim() === '') fail(EXIT.usage, 'The query needs a name.');
      const { slugOf } = await import('../../../shared/hunting/library/query-id.ts');
      const id = slugOf(name);
      const file = join(library, `${id}.yaml`);
      await mkdir(library, { recursive: true });
      try {
        await writeFile(file, queryTemplate({ id, name: name.trim() }), { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        fail(EXIT.usage, `${file} is there already. Choose another name.`);
      }
      createScreen().line(file);
    });
}
