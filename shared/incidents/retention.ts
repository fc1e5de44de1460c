import type { Row, RowWrite } from '../storage.ts';
import { addMs, type PaddedTime, paddedFromMs } from '../time.ts';
import type { RunContext } from './context.ts';
import {
  afterPrefix,
  blobFolder,
  currentKey,
  encodeId,
  indexPrefix,
  STATE_KEY,
  stateBlobFolder,
} from './keys.ts';
import { type IncidentRecord, isOpen, recordFrom } from './records.ts';
import type { RetentionProgress } from './state.ts';

const DAY_MS = 24 * 3_600_000;
/** A blob without a row may belong to a transaction under way, or to one whose answer was lost: let it age. */
const BLOB_AGE_MS = 7 * DAY_MS;
const ROOM = 99;

type Step = RetentionProgress['step'];
const STEPS: readonly Step[] = ['history', 'resolved', 'feed', 'blobs'];

/** What one step did with one page: where to go on, or that it is done. */
type Progress = { readonly after: string } | 'done';

/**
 * Lets go of what is kept no longer, once a day, a page at a time, resumable: old versions, resolved and redirected
 * incidents, the feed's old rows, then blobs without a row. Nothing at all under a legal hold. An incident's
 * current version is never old.
 *
 * @returns true when the day's work is done
 */
export async function applyRetention(context: RunContext): Promise<boolean> {
  const { session, clock, tenant } = context;
  if (tenant.sync.legalHold) return true;
  const day = paddedFromMs(clock.now()).slice(0, 10);
  for (let pages = 0; ; pages++) {
    const { retention, retainedDay } = session.memory.state;
    if (retainedDay === day && !retention) return true;
    if (pages > 0 && context.overBudget()) return false;
    const step = retention?.step ?? 'history';
    const progress = await WORK[step](context, retention?.after ?? '');
    if (progress !== 'done') {
      session.stage({ retention: { day, step, after: progress.after } });
      continue;
    }
    const next = STEPS[STEPS.indexOf(step) + 1];
    session.stage(next ? { retention: { day, step: next } } : { retention: undefined, retainedDay: day });
  }
}

const WORK: Readonly<Record<Step, (context: RunContext, after: string) => Promise<Progress>>> = {
  history: dropHistory,
  resolved: dropResolved,
  feed: dropFeed,
  blobs: collectBlobs,
};

function cutoff({ clock }: RunContext, days: number): PaddedTime {
  return addMs(paddedFromMs(clock.now()), -days * DAY_MS);
}

async function onePage(context: RunContext, prefix: string, after: string): Promise<readonly Row[]> {
  const from = after === '' ? prefix : `${after}!`;
  for await (const rows of context.table.range(context.tenant.id, from, afterPrefix(prefix), {
    pageSize: 1000,
  }))
    return rows;
  return [];
}

function afterLast(rows: readonly Row[]): Progress {
  const last = rows.at(-1);
  return last ? { after: last.key } : 'done';
}

async function dropHistory(context: RunContext, after: string): Promise<Progress> {
  const before = cutoff(context, context.tenant.sync.historyDays);
  const rows = await onePage(context, 'h|', after);
  const writes: RowWrite[] = [];
  const overtaken = new Set<string>();
  for (const row of rows.toReversed()) {
    const { id, observedAt } = recordFrom(row);
    const superseded = row.columns.superseded === true;
    if (observedAt < before && (superseded || overtaken.has(id))) writes.push({ op: 'drop', key: row.key });
    if (!superseded) overtaken.add(id);
  }
  await commitInParts(context, writes);
  return afterLast(rows);
}

async function dropFeed(context: RunContext, after: string): Promise<Progress> {
  const before = cutoff(context, context.tenant.sync.historyDays);
  const rows = await onePage(context, 'x|', after);
  const old = rows.filter((row) => recordFrom(row).observedAt < before);
  await commitInParts(
    context,
    old.map(({ key }) => ({ op: 'drop', key })),
  );
  return old.length < rows.length ? 'done' : afterLast(rows);
}

async function dropResolved(context: RunContext, after: string): Promise<Progress> {
  const start = indexPrefix('t', cutoff(context, context.tenant.sync.resolvedDays));
  const rows = await onePage(context, 't|', after === '' ? start : after);
  for (const row of rows) {
    const record = recordFrom(row);
    if (!isOpen(record)) await dropIncident(context, row.key, record);
  }
  return afterLast(rows);
}

async function dropIncident(context: RunContext, indexRow: string, { id }: IncidentRecord): Promise<void> {
  const { session, table, tenant } = context;
  const prefix = `h|${encodeId(id)}!`;
  const keys: string[] = [];
  for await (const rows of table.range(tenant.id, prefix, afterPrefix(prefix), { select: ['id'] })) {
    keys.push(...rows.map(({ key }) => key));
  }
  const { counts } = session.memory.state;
  // The record goes last: an incident half dropped is dropped again, one without a record never is.
  await commitInParts(
    context,
    keys.map((key) => ({ op: 'drop', key })),
  );
  session.stage({ counts: { ...counts, incidents: counts.incidents - 1 } });
  await session.commit([
    { op: 'drop', key: indexRow },
    { op: 'drop', key: currentKey(id) },
  ]);
}

async function collectBlobs(context: RunContext, after: string): Promise<Progress> {
  const { blobs, clock, tenant } = context;
  const old = clock.now() - BLOB_AGE_MS;
  const versions = new Map<string, ReadonlySet<string>>();
  let last = after;
  for await (const page of blobs.list(blobFolder(tenant.id))) {
    for (const { name, etag, modifiedMs } of page) {
      if (name <= after) continue;
      // Within a page, too: it names thousands, and a run that does not write for a minute counts as dead.
      if (last !== after && context.overBudget()) return { after: last };
      last = name;
      if (modifiedMs > old) continue;
      const [encodedId = '', version = ''] = name
        .slice(blobFolder(tenant.id).length)
        .replace(/\.json\.gz$/, '')
        .split('!');
      const known = versions.get(encodedId) ?? (await versionsOf(context, encodedId));
      versions.set(encodedId, known);
      if (!known.has(version)) await blobs.deleteIf(name, etag);
    }
  }
  await collectStateBlobs(context, old);
  return 'done';
}

async function versionsOf({ table, tenant }: RunContext, encodedId: string): Promise<ReadonlySet<string>> {
  const prefix = `h|${encodedId}!`;
  const versions = new Set<string>();
  for await (const rows of table.range(tenant.id, prefix, afterPrefix(prefix), { select: ['version'] })) {
    for (const row of rows) versions.add(String(row.columns.version));
  }
  return versions;
}

async function collectStateBlobs({ blobs, table, tenant }: RunContext, old: number): Promise<void> {
  const inUse = (await table.get(tenant.id, STATE_KEY))?.columns.seenBlob;
  for await (const page of blobs.list(stateBlobFolder(tenant.id))) {
    for (const { name, etag, modifiedMs } of page) {
      if (modifiedMs <= old && name !== inUse) await blobs.deleteIf(name, etag);
    }
  }
}

async function commitInParts({ session }: RunContext, writes: readonly RowWrite[]): Promise<void> {
  for (let start = 0; start < writes.length; start += ROOM) {
    await session.commit(writes.slice(start, start + ROOM));
  }
}
