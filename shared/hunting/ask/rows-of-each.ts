import type { RunStorage } from '../run/dependencies.ts';
import type { HuntRun } from '../run/types.ts';
import { type RowsPage, readRowsPage } from './rows-page.ts';

/** The first rows of each run that has a result, by run, until together they are longer than allowed. */
export async function readRowsOfEach(
  storage: RunStorage,
  runs: Iterable<HuntRun>,
  { count, mostChars }: { readonly count: number; readonly mostChars: number },
): Promise<ReadonlyMap<string, RowsPage>> {
  const pages = new Map<string, RowsPage>();
  let left = mostChars;
  for (const run of runs) {
    if (run.state !== 'succeeded' && run.state !== 'truncated') continue;
    if (left <= 0) break;
    const page = await readRowsPage(storage, run, { from: 0, count, mostChars: left });
    pages.set(run.id, page);
    left -= page.rows.reduce((sum, row) => sum + row.length, 0);
  }
  return pages;
}
