import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { mapLimit } from '../concurrency.ts';
import { isOutriderError } from '../errors.ts';
import { type RowWrite, TRANSACTION_LIMITS } from '../storage.ts';
import type { PaddedTime } from '../time.ts';
import { versionOf } from './canonical.ts';
import type { RunContext } from './context.ts';
import { decide, type Verdict } from './decide.ts';
import { afterPrefix, blobName, currentKey, encodeId } from './keys.ts';
import { withoutPending, withPending } from './pending-list.ts';
import type { ReceivedIncident } from './ports.ts';
import {
  currentWrites,
  feedWrite,
  historyWrite,
  type IncidentRecord,
  recordFrom,
  recordOf,
  type StoredRecord,
} from './records.ts';
import type { Session } from './session.ts';
import { FORMAT, type SyncState } from './state.ts';

const compress = promisify(gzip);
const READS_AT_ONCE = 16;
const BLOBS_AT_ONCE = 8;
const REMEMBERED_READS = 2_000;
/** Up to so many characters the way to the thread pool and back takes longer than compressing does. */
const COMPRESSED_AT_ONCE = 32_768;
/** Incident writes of one transaction; the fence row takes one operation. */
const ROOM = TRANSACTION_LIMITS.operations - 1;

export interface StoreOptions {
  /** Service time of the read that brought the incidents. */
  readonly observedAt: PaddedTime;
  /** Put changes on the change feed. */
  readonly announce: boolean;
  /** Most are not stored yet: insert first, and read rows only where that fails. */
  readonly expectNew?: boolean;
  /** Staged into the state together with the last of the incidents. */
  readonly thenStage?: Partial<SyncState>;
}

/** An incident with its version, and what is stored of it. */
interface Candidate {
  readonly incident: ReceivedIncident;
  readonly version: string;
  readonly before: StoredRecord | undefined;
  readonly verdict: Verdict;
}

/**
 * Stores what was read: blobs first, then rows, index, history and change feed in transactions under the fence.
 * A version that is stored already costs nothing but the comparison. `thenStage` is staged before the last
 * transaction, so that it is stored with it; when nothing had to be written it stays staged.
 *
 * @returns the short version of each incident, for the comparison of the next pass
 */
export async function storeIncidents(
  context: RunContext,
  incidents: readonly ReceivedIncident[],
  options: StoreOptions,
): Promise<ReadonlyMap<string, string>> {
  const items = newestOfEach(incidents).map((incident) => ({
    incident,
    version: versionOf(incident.text, incident.family),
  }));
  for (const { incident } of items) noteRead(context, incident, options.observedAt);
  const { seen } = context.session.memory;
  const fresh = items.filter(({ incident, version }) => seen.get(incident.id) !== shortVersion(version));
  await storeFresh(context, fresh, options);
  return new Map(items.map(({ incident, version }) => [incident.id, shortVersion(version)]));
}

/** The oldest reads are forgotten: an incident read twice costs a call, a first load of a million would cost memory. */
function noteRead(
  { readAt }: RunContext,
  { id, alertCount, alertIds }: ReceivedIncident,
  at: PaddedTime,
): void {
  if (alertCount === undefined) return;
  readAt.set(id, { at, alertIds });
  if (readAt.size <= REMEMBERED_READS) return;
  const oldest = readAt.keys().next();
  if (!oldest.done) readAt.delete(oldest.value);
}

async function storeFresh(
  context: RunContext,
  fresh: readonly Pick<Candidate, 'incident' | 'version'>[],
  options: StoreOptions,
): Promise<void> {
  if (options.expectNew) {
    const unread = fresh.map((item): Candidate => ({ ...item, before: undefined, verdict: 'new' }));
    try {
      return await write(context, unread, options);
    } catch (error) {
      if (!isOutriderError(error, 'storage.conflict')) throw error;
    }
  }
  const judged = await mapLimit(fresh, READS_AT_ONCE, (item) => judge(context, item, options.observedAt));
  await write(context, judged, options);
}

/** Enough of a version to tell versions of one incident apart; kept for the overlap window. */
function shortVersion(version: string): string {
  return version.slice(0, 16);
}

/** A live list repeats items; a transaction may hold each once. In order of last update, so that the feed is too. */
function newestOfEach(incidents: readonly ReceivedIncident[]): ReceivedIncident[] {
  const newest = new Map<string, ReceivedIncident>();
  for (const incident of incidents) {
    const other = newest.get(incident.id);
    if (!other || incident.lastUpdate >= other.lastUpdate) newest.set(incident.id, incident);
  }
  return [...newest.values()].sort((a, b) => compareText(a.lastUpdate, b.lastUpdate));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

async function judge(
  { table, tenant }: RunContext,
  item: Pick<Candidate, 'incident' | 'version'>,
  observedAt: PaddedTime,
): Promise<Candidate> {
  const row = await table.get(tenant.id, currentKey(item.incident.id));
  const before = row && { record: recordFrom(row), etag: row.etag };
  const verdict = decide(item.incident, item.version, observedAt, before?.record);
  if (verdict === 'superseded' && (await inHistory({ table, tenant }, item)))
    return { ...item, before, verdict: 'same' };
  return { ...item, before, verdict };
}

async function inHistory(
  { table, tenant }: Pick<RunContext, 'table' | 'tenant'>,
  { incident, version }: Pick<Candidate, 'incident' | 'version'>,
): Promise<boolean> {
  const prefix = `h|${encodeId(incident.id)}!`;
  for await (const rows of table.range(tenant.id, prefix, afterPrefix(prefix), { select: ['version'] })) {
    if (rows.some((row) => row.columns.version === version)) return true;
  }
  return false;
}

async function write(
  context: RunContext,
  candidates: readonly Candidate[],
  options: StoreOptions,
): Promise<void> {
  const wanted = candidates.filter(({ verdict }) => verdict !== 'same' && verdict !== 'poorer');
  await mapLimit(
    wanted.filter(({ verdict }) => verdict !== 'listedAgain'),
    BLOBS_AT_ONCE,
    (candidate) => putBlob(context, candidate),
  );
  const { session } = context;
  let rows: RowWrite[] = [];
  let counted: Counted = { stored: 0, announced: 0 };
  let committed = session.memory.state;
  const flush = async (): Promise<void> => {
    try {
      await session.commit(rows);
    } catch (error) {
      session.stage(committed);
      throw error;
    }
    committed = session.memory.state;
    context.figures.stored += counted.stored;
    context.figures.announced += counted.announced;
    rows = [];
    counted = { stored: 0, announced: 0 };
  };
  for (const candidate of wanted) {
    const { state } = session.memory;
    const made = writesOf(candidate, state, options);
    if (rows.length + made.rows.length > ROOM) await flush();
    rows.push(...made.rows);
    counted = { stored: counted.stored + made.stored, announced: counted.announced + made.announced };
    session.stage(stateAfter(session.memory.state, candidate, made, context));
    forget(session, candidate.incident.id);
  }
  if (options.thenStage) session.stage(options.thenStage);
  if (rows.length > 0) await flush();
}

/** What a pass saw of it is no longer what is stored; should the incident go back to that, it must be noticed. */
export function forget(session: Session, id: string): void {
  const { seen } = session.memory;
  if (seen.has(id)) session.stageSeen('seen', new Map([...seen].filter(([other]) => other !== id)));
}

interface Counted {
  readonly stored: number;
  readonly announced: number;
}
interface Made extends Counted {
  readonly rows: readonly RowWrite[];
}

function writesOf(candidate: Candidate, state: SyncState, { observedAt, announce }: StoreOptions): Made {
  const { incident, version, before, verdict } = candidate;
  if (verdict === 'listedAgain' && before) {
    const { notSeenSince: _cleared, ...record } = before.record;
    return { rows: currentWrites(record, before), stored: 0, announced: 0 };
  }
  const record = recordOf(incident, version, observedAt, state.nextSequence);
  if (verdict === 'superseded') return { rows: [historyWrite(record, true)], stored: 1, announced: 0 };
  const rows = [...currentWrites(record, before), historyWrite(record, false)];
  // The first load does not announce what it loads; a change of what is stored already is news, whoever finds it.
  const quiet = verdict === 'restated' || (!announce && !before);
  if (quiet) return { rows, stored: 1, announced: 0 };
  return { rows: [...rows, feedWrite(record, before ? 'updated' : 'created')], stored: 1, announced: 1 };
}

function stateAfter(
  state: SyncState,
  { incident, before, verdict }: Candidate,
  { stored }: Made,
  { clock }: RunContext,
): Partial<SyncState> {
  const isNew = before === undefined && verdict !== 'superseded';
  const settled = incident.alertCount !== undefined || verdict === 'superseded' || verdict === 'listedAgain';
  return {
    nextSequence: state.nextSequence + stored,
    counts: {
      ...state.counts,
      incidents: state.counts.incidents + (isNew ? 1 : 0),
      versions: state.counts.versions + stored,
    },
    newest:
      state.newest !== undefined && state.newest > incident.lastUpdate ? state.newest : incident.lastUpdate,
    pending: settled
      ? withoutPending(state.pending, incident.id)
      : withPending(state.pending, { id: incident.id, why: 'alertsMissing' }, clock.now()),
  };
}

async function putBlob({ blobs, tenant }: RunContext, { incident, version }: Candidate): Promise<void> {
  const { text } = incident;
  const content = text.length <= COMPRESSED_AT_ONCE ? gzipSync(text) : await compress(text);
  await blobs.put(blobName(tenant.id, incident.id, version), content, {
    v: String(FORMAT),
    family: incident.family,
  });
}

/** The current record of an incident, or undefined. */
export async function currentRecord(
  { table, tenant }: Pick<RunContext, 'table' | 'tenant'>,
  id: string,
): Promise<IncidentRecord | undefined> {
  const row = await table.get(tenant.id, currentKey(id));
  return row && recordFrom(row);
}
