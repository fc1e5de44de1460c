import { gzipSync } from 'node:zlib';
import type { BlobStore, RowWrite } from '../../storage.ts';
import { paddedFromMs } from '../../time.ts';
import { type FindingFacts, type FoundRow, factsWrite, foundWrite } from './finding-rows.ts';
import { indexKey, rowBlob } from './names.ts';
import type { FeedEntry } from './ports.ts';
import type { Sighting } from './store-findings.ts';

/**
 * A longer row goes to a blob. A column holds 32 Ki characters, and a transaction 4 MiB: 49 such rows, all of them of
 * characters that take three bytes, or an escape, are not half of it.
 */
const MOST_IN_ROW = 12_000;
const MOST_NAME = 500;

/** One finding to be written: its rows once its place in the feed is known. */
export interface Fresh {
  readonly found: FoundRow;
  readonly facts: FindingFacts;
  readonly before: FindingFacts | undefined;
}

/** What is stored of a row; a long one is put into its blob here. */
export async function freshOf(
  { blobs }: { readonly blobs: BlobStore },
  { tenant, query, run, nowMs, seenMs }: Sighting,
  {
    hash,
    row,
    before,
  }: { readonly hash: string; readonly row: string; readonly before: FindingFacts | undefined },
): Promise<Fresh> {
  const fits = row.length <= MOST_IN_ROW;
  const blob = rowBlob(tenant.id, query.id, hash);
  // Always before the transaction that names it.
  if (!fits) await blobs.put(blob, gzipSync(row));
  const found: FoundRow = {
    queryId: query.id,
    queryName: query.name.slice(0, MOST_NAME).toWellFormed(),
    queryVersion: query.version,
    severity: query.severity,
    hash,
    state: 'open',
    foundMs: nowMs,
    run,
    keys: query.keys,
    ...(fits ? { row: row.toWellFormed() } : { rowBlob: blob }),
  };
  const facts: FindingFacts = {
    state: 'open',
    foundMs: nowMs,
    lastSeenMs: seenMs,
    count: 1,
    lastRun: run,
    times: (before?.times ?? 0) + 1,
  };
  return { found, facts, before };
}

/** Its rows: two, and one more where it had ended and comes back. */
export function writesOf({ found, facts, before }: Fresh, sequence: number | undefined): readonly RowWrite[] {
  const { queryId, hash } = found;
  const moved: readonly RowWrite[] =
    before && before.foundMs !== facts.foundMs
      ? [{ op: 'drop', key: indexKey(before.foundMs, queryId, hash) }]
      : [];
  return [factsWrite(queryId, hash, facts), foundWrite({ ...found, sequence }), ...moved];
}

/** What subscribers are told; the finding itself is read by its query and hash. */
export function entryOf({ found, facts }: Fresh): FeedEntry {
  const { queryId, queryName, queryVersion, severity, hash, run } = found;
  const columns = { change: 'created', queryId, queryName, finding: hash, run, times: facts.times };
  return {
    kind: 'finding',
    observedAt: paddedFromMs(found.foundMs),
    columns: {
      ...columns,
      ...(queryVersion === undefined ? {} : { queryVersion }),
      ...(severity === undefined ? {} : { severity }),
    },
  };
}
