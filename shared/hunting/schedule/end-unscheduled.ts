import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { isOutriderError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Tenant } from '../../tenant.ts';
import { openQuerySession } from '../findings/query-session.ts';
import { listQueryStates, type QueryState } from '../findings/query-state.ts';
import type { FindingStorage } from '../findings/store-findings.ts';
import { sweepFindings } from '../findings/sweep-findings.ts';
import type { Library } from '../library/load-library.ts';
import { isFor, isScheduled } from './enqueue.ts';

/** For queries that are gone, and so say nothing of it themselves. */
const ENDS_AFTER_DAYS = 30;

export interface EndUnscheduledDependencies {
  readonly findings: Pick<FindingStorage, 'table' | 'blobs'>;
  readonly library: Pick<Library, 'queries' | 'problems'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Ends findings, not seen for long, of queries that do not run in a tenant any more: disabled, removed, or not for it. Here the
 * clock counts, since nobody looks. A query that is missing while a file of the library is broken may be in that file,
 * and is left alone.
 *
 * @throws OutriderError `storage.*`
 */
export async function endUnscheduled(
  { findings, library, clock, log }: EndUnscheduledDependencies,
  tenant: Pick<Tenant, 'id' | 'name' | 'sync'>,
): Promise<void> {
  const isWhole = library.problems.every(({ severity }) => severity !== 'error');
  for (const { queryId, counts } of await listQueryStates(findings.table, tenant.id)) {
    if (counts.open === 0 && counts.ended === 0) continue;
    const query = library.queries.find(({ id }) => id === queryId);
    if (query ? isScheduled(query) && isFor(query, tenant) : !isWhole) continue;
    const endsAfterDays = query?.schedule?.endsAfterDays ?? ENDS_AFTER_DAYS;
    const ended = await sweepOf({ findings, clock }, { tenant, queryId, endsAfterDays });
    if (ended > 0) log.info('findings.ended', { tenant: tenant.id, query: queryId, ended });
  }
}

/** Whoever else writes this state goes first: there is another hour. */
async function sweepOf(
  { findings, clock }: Pick<EndUnscheduledDependencies, 'findings' | 'clock'>,
  what: Pick<QueryState, 'queryId'> & {
    readonly tenant: Pick<Tenant, 'id' | 'sync'>;
    readonly endsAfterDays: number;
  },
): Promise<number> {
  const { tenant, queryId, endsAfterDays } = what;
  const nowMs = clock.now();
  try {
    const holder = randomUUID();
    const session = await openQuerySession({ table: findings.table, tenant: tenant.id, queryId, holder });
    return await sweepFindings(findings, session, { tenant, endsAfterDays, seenMs: nowMs, nowMs });
  } catch (error) {
    if (isOutriderError(error, 'hunt.fenced')) return 0;
    throw error;
  }
}
