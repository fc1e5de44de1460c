import { OutriderError } from '../../errors.ts';
import type { BlobStore, TableStore } from '../../storage.ts';
import type { Tenant } from '../../tenant.ts';
import type { HuntingQuery } from '../query.ts';
import { type FindingFacts, factsWrite, readFacts } from './finding-rows.ts';
import { entryOf, type Fresh, freshOf, writesOf } from './fresh-finding.ts';
import type { Identity } from './identity.ts';
import { FEED_ROOM, type FeedWriter } from './ports.ts';
import type { QuerySession } from './query-session.ts';
import type { QueryState } from './query-state.ts';

/** More new findings than this of one run are a query that finds everything, not findings. */
export const MOST_NEW = 10_000;
/** Room for the query's own state row. */
const MOST_OPERATIONS = FEED_ROOM - 1;

export interface FindingStorage {
  /** The table of incidents, where a tenant's change feed is. */
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly feed: FeedWriter;
}

/** The answer of one run, to be told into new and known findings. */
export interface Sighting {
  readonly tenant: Pick<Tenant, 'id' | 'sync' | 'generation'>;
  readonly query: Pick<HuntingQuery, 'id' | 'name' | 'keys' | 'severity' | 'version'>;
  readonly run: string;
  /** End of the span that the run looked at. */
  readonly seenMs: number;
  readonly nowMs: number;
  readonly identity: Identity;
  /** What is new is stored and not announced. */
  readonly learning: boolean;
  /** The rows, from the first; may be called again. */
  readonly rows: () => AsyncIterable<readonly string[]>;
}

export interface Stored {
  readonly announced: number;
  readonly learned: number;
  readonly seenAgain: number;
}

/**
 * Stores the findings of a run: new ones with their entry in the change feed, in one transaction each batch; known ones
 * with when they were last seen. May be called again for the same run: what is stored already is left alone.
 *
 * @throws OutriderError `hunt.result_too_large` for more than {@link MOST_NEW} new ones, before anything is stored;
 * `hunt.query_invalid` for a row without a key; `hunt.fenced` when another holder took over; `storage.*`
 */
export async function storeFindings(
  storage: FindingStorage,
  session: QuerySession,
  sighting: Sighting,
): Promise<Stored> {
  const known = await readFacts(storage.table, sighting.tenant.id, sighting.query.id);
  const { fresh, again } = await tellApart(sighting, known);
  await storeAgain(session, sighting, again, known);
  const news = fresh.size;
  if (news > 0) await storeFresh(storage, session, sighting, fresh, known);
  return {
    announced: sighting.learning ? 0 : news,
    learned: sighting.learning ? news : 0,
    seenAgain: again.length,
  };
}

type Known = ReadonlyMap<string, FindingFacts>;

async function tellApart(
  { rows, identity, run, query, tenant }: Sighting,
  known: Known,
): Promise<{ readonly fresh: Set<string>; readonly again: readonly string[] }> {
  const fresh = new Set<string>();
  const again = new Set<string>();
  for await (const some of rows()) {
    for (const row of some) {
      const hash = identity.of(row);
      const facts = known.get(hash);
      if (facts?.state !== 'open') fresh.add(hash);
      else if (facts.lastRun !== run) again.add(hash);
    }
    if (fresh.size > MOST_NEW) throw tooMany(query.id, tenant.id);
  }
  return { fresh, again: [...again] };
}

function tooMany(query: string, tenant: string): OutriderError {
  return new OutriderError(
    'hunt.result_too_large',
    `Query ${query} has more than ${MOST_NEW} new findings at once in tenant ${tenant}; none was stored. Narrow the query, sum rows up to what somebody should look at (summarize … by), or name keys that identify a finding.`,
    { tenant },
  );
}

async function storeAgain(
  session: QuerySession,
  { query, run, seenMs }: Sighting,
  again: readonly string[],
  known: Known,
): Promise<void> {
  for (let start = 0; start < again.length; start += MOST_OPERATIONS) {
    const writes = again.slice(start, start + MOST_OPERATIONS).flatMap((hash) => {
      const facts = known.get(hash);
      if (!facts) return [];
      const lastSeenMs = Math.max(facts.lastSeenMs, seenMs);
      return [factsWrite(query.id, hash, { ...facts, lastSeenMs, count: facts.count + 1, lastRun: run })];
    });
    await session.commit({}, writes);
  }
}

async function storeFresh(
  storage: FindingStorage,
  session: QuerySession,
  sighting: Sighting,
  fresh: Set<string>,
  known: Known,
): Promise<void> {
  const feed = storage.feed.open(sighting.tenant);
  let batch: Fresh[] = [];
  let operations = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const patch = patchFor(session.state, sighting, batch);
    const rows = (first?: number) => batch.flatMap((one, index) => writesOf(one, first && first + index));
    if (sighting.learning) await session.commit(patch, rows());
    else await session.announce(patch, feed, { entries: batch.map(entryOf), rows });
    batch = [];
    operations = 0;
  };
  for await (const rows of sighting.rows()) {
    for (const row of rows) {
      const hash = sighting.identity.of(row);
      // The first of several rows that are the same finding is kept.
      if (!fresh.delete(hash)) continue;
      const next = await freshOf(storage, sighting, { hash, row, before: known.get(hash) });
      const more = 2 + (next.before ? 1 : 0) + (sighting.learning ? 0 : 1);
      if (operations + more > MOST_OPERATIONS) await flush();
      batch.push(next);
      operations += more;
    }
  }
  await flush();
}

function patchFor({ counts }: QueryState, { learning, identity }: Sighting, batch: readonly Fresh[]) {
  const cameBack = batch.filter(({ before }) => before !== undefined).length;
  return {
    // What is stored under this identity is known by it, whatever becomes of the rest.
    ...(learning || identity.definition === undefined ? {} : { identity: identity.definition }),
    counts: {
      open: counts.open + batch.length,
      ended: counts.ended - cameBack,
      announced: counts.announced + (learning ? 0 : batch.length),
    },
  };
}
