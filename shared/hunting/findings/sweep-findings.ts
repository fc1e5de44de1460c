import { mapLimit } from '../../concurrency.ts';
import type { Row, RowWrite } from '../../storage.ts';
import type { Tenant } from '../../tenant.ts';
import { type FindingFacts, factsWrite, foundFrom, foundWrite, readFacts } from './finding-rows.ts';
import { findingKey, indexKey, rowBlob } from './names.ts';
import type { QuerySession } from './query-session.ts';
import type { FindingStorage } from './store-findings.ts';

const DAY_MS = 86_400_000;
/** Findings of one transaction: two rows each. */
const AT_ONCE = 48;
const READS_AT_ONCE = 16;

interface SweepOrder {
  readonly tenant: Pick<Tenant, 'id' | 'sync'>;
  readonly endsAfterDays: number;
  /** Up to when the tenant was looked at: a finding ends by this, not by the clock, so that no outage ends it. */
  readonly seenMs: number;
  readonly nowMs: number;
}

/**
 * Once a day: ends what was not seen for long, and deletes what ended long ago (the tenant's time for resolved
 * incidents; never under a legal hold). An ending is no entry of the change feed: nothing happened.
 *
 * @returns how many ended
 * @throws OutriderError `hunt.fenced`, `storage.*`
 */
export async function sweepFindings(
  storage: Pick<FindingStorage, 'table' | 'blobs'>,
  session: QuerySession,
  { tenant, endsAfterDays, seenMs, nowMs }: SweepOrder,
): Promise<number> {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  if (session.state.sweptDay === day) return 0;
  const { queryId } = session.state;
  const lost: [string, FindingFacts][] = [];
  const old: [string, FindingFacts][] = [];
  const keepMs = tenant.sync.resolvedDays * DAY_MS;
  for (const entry of await readFacts(storage.table, tenant.id, queryId)) {
    const [, { state, lastSeenMs, endedMs = nowMs }] = entry;
    if (state === 'open') {
      if (lastSeenMs < seenMs - endsAfterDays * DAY_MS) lost.push(entry);
    } else if (endedMs < nowMs - keepMs && !tenant.sync.legalHold) old.push(entry);
  }
  await inBatches(lost, async (some) => {
    const index = await indexRows(storage, tenant.id, queryId, some);
    const { counts } = session.state;
    const writes = some.flatMap(([hash, facts], n) => endedWrites(queryId, hash, facts, index[n], nowMs));
    const patch = { ...counts, open: counts.open - some.length, ended: counts.ended + some.length };
    await session.commit({ counts: patch }, writes);
  });
  await inBatches(old, async (some) => {
    for (const [hash] of some) await dropBlob(storage, rowBlob(tenant.id, queryId, hash));
    const { counts } = session.state;
    const writes = some.flatMap(([hash, { foundMs }]): RowWrite[] => [
      { op: 'drop', key: findingKey(queryId, hash) },
      { op: 'drop', key: indexKey(foundMs, queryId, hash) },
    ]);
    await session.commit({ counts: { ...counts, ended: counts.ended - some.length } }, writes);
  });
  await session.commit({ sweptDay: day });
  return lost.length;
}

async function inBatches<Item>(
  items: readonly Item[],
  work: (some: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) await work(items.slice(start, start + AT_ONCE));
}

function indexRows(
  { table }: Pick<FindingStorage, 'table'>,
  tenant: string,
  queryId: string,
  some: readonly (readonly [string, FindingFacts])[],
): Promise<readonly (Row | undefined)[]> {
  return mapLimit(some, READS_AT_ONCE, ([hash, { foundMs }]) =>
    table.get(tenant, indexKey(foundMs, queryId, hash)),
  );
}

function endedWrites(
  queryId: string,
  hash: string,
  facts: FindingFacts,
  index: Row | undefined,
  nowMs: number,
): RowWrite[] {
  const ended = factsWrite(queryId, hash, { ...facts, state: 'ended', endedMs: nowMs });
  return index ? [ended, foundWrite({ ...foundFrom(index), state: 'ended' })] : [ended];
}

async function dropBlob({ blobs }: Pick<FindingStorage, 'blobs'>, blob: string): Promise<void> {
  for await (const page of blobs.list(blob)) {
    for (const { name, etag } of page) if (name === blob) await blobs.deleteIf(name, etag);
  }
}
