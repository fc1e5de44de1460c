import { mapLimit } from '../../concurrency.ts';
import type { RunStorage } from '../run/dependencies.ts';
import { listRuns } from '../run/read.ts';
import type { HuntRun } from '../run/types.ts';

/** Tenants whose runs are read at the same time. */
const AT_ONCE = 8;
/** So many of a tenant's newest runs are looked at: five storage reads. */
const MOST_RUNS = 500;

type Table = Pick<RunStorage, 'table'>;

/** The newest run of a query in each of the tenants that has one among its newest {@link MOST_RUNS}. */
export async function lastRunsOf(
  storage: Table,
  queryId: string,
  tenants: readonly string[],
): Promise<readonly HuntRun[]> {
  const found = await mapLimit(tenants, AT_ONCE, async (tenant) => {
    for await (const run of newestRuns(storage, tenant)) if (run.query?.id === queryId) return run;
    return undefined;
  });
  return found.filter((run) => run !== undefined);
}

/** The newest run of each query in one tenant, by query id. */
export async function lastRunsIn(storage: Table, tenant: string): Promise<ReadonlyMap<string, HuntRun>> {
  const found = new Map<string, HuntRun>();
  for await (const run of newestRuns(storage, tenant)) {
    if (run.query && !found.has(run.query.id)) found.set(run.query.id, run);
  }
  return found;
}

async function* newestRuns(storage: Table, tenant: string): AsyncGenerator<HuntRun, void> {
  let seen = 0;
  for await (const run of listRuns(storage, { tenant })) {
    yield run;
    seen += 1;
    if (seen >= MOST_RUNS) return;
  }
}
