import { addMs, addTicks, later } from '../time.ts';
import { versionOf } from './canonical.ts';
import type { RunContext } from './context.ts';
import { currentKey, indexPrefix } from './keys.ts';
import { readAgain } from './pending.ts';
import { withoutPending } from './pending-list.ts';
import type { ReceivedIncident, Slice } from './ports.ts';
import { currentWrites, type IncidentRecord, recordFrom } from './records.ts';
import { forget, type StoreOptions, storeIncidents } from './store-incidents.ts';
import { newStretch } from './stretches.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WIDE_DAYS = 30;
const MOST_OVERLAP_MS = 6 * HOUR_MS;

/**
 * Starts a sweep when one is due: the last day after passes of several pages (at most one an hour: a later one
 * covers the same day), and 30 days once a day. Never before the first load is done, and never two at once.
 */
export function startSweep({ session, tenant }: RunContext): void {
  const { state } = session.memory;
  const { head, firstLoad, stretches, sweptAt, sweptWideAt, sweepWanted } = state;
  const now = head?.passBegan;
  if (!head || !now || firstLoad?.doneMs === undefined) return;
  if (stretches.some(({ kind }) => kind === 'sweep')) return;
  const wide = addMs(sweptWideAt ?? firstLoad.to, DAY_MS) <= now;
  if (!wide && !(sweepWanted && (sweptAt === undefined || addMs(sweptAt, HOUR_MS) <= now))) return;
  const wanted = addMs(now, wide ? -WIDE_DAYS * DAY_MS : -DAY_MS);
  const from = wanted > firstLoad.from ? wanted : firstLoad.from;
  // What is later than the pass belongs to head. The watermark is no bound: what is later than it may have vanished.
  const to = addTicks(later(now, head.watermark), 1);
  if (from >= to) {
    session.stage({ sweepWanted: false });
    return;
  }
  const settingMs = tenant.sync.overlapMinutes * 60_000;
  session.stage({
    stretches: [...stretches, newStretch('sweep', from, to, true)],
    sweepWanted: false,
    sweptAt: now,
    ...(wide ? { sweptWideAt: now, overlapMs: Math.max(settingMs, Math.round(state.overlapMs / 2)) } : {}),
  });
}

/**
 * Compares a slice of the live list with the rows: what differs is read by id and stored, what is listed no longer
 * is looked up, and marked when the service does not know it any more. The sync never deletes.
 */
export async function compareWithRows(
  context: RunContext,
  slice: Slice,
  listed: readonly ReceivedIncident[],
  options: StoreOptions,
): Promise<void> {
  const stored = await storedIn(context, slice);
  const { expandLimit } = context.session.memory.state;
  const differing = listed.filter((incident) => differs(incident, stored.get(incident.id), expandLimit));
  const listedIds = new Set(listed.map(({ id }) => id));
  const vanished = [...stored.values()].filter((record) => !listedIds.has(record.id) && isExpectedIn(record));
  const before = context.figures.stored;
  const whole = differing.filter(({ alertCount }) => alertCount !== undefined);
  await storeIncidents(context, whole, { ...options, thenStage: {} });
  const partial = differing.filter(({ alertCount }) => alertCount === undefined).map(({ id }) => id);
  await readAgain(context, partial);
  countLate(context, context.figures.stored - before);
  const unknown = await readAgain(
    context,
    vanished.map(({ id }) => id),
  );
  for (const id of unknown) await markNotSeen(context, id, options.observedAt);
  if (options.thenStage) context.session.stage({ stretches: options.thenStage.stretches ?? [] });
}

/**
 * Another time, alerts still missing, marked as gone or, where the list has whole incidents (Defender XDR API), another
 * content: its alerts have no feed of their own.
 */
function differs(
  listed: ReceivedIncident,
  stored: IncidentRecord | undefined,
  expandLimit: number | undefined,
): boolean {
  if (!stored || stored.lastUpdate !== listed.lastUpdate || stored.alerts < 0) return true;
  if (stored.notSeenSince !== undefined) return true;
  if (expandLimit !== undefined && stored.alerts >= expandLimit && !stored.alertsJoined) return true;
  return listed.alertCount !== undefined && versionOf(listed.text, listed.family) !== stored.version;
}

/** Merged-away incidents may leave the list, and one marked already stays marked: neither is looked up again. */
function isExpectedIn({ status, notSeenSince }: IncidentRecord): boolean {
  return status !== 'redirected' && notSeenSince === undefined;
}

async function storedIn({ table, tenant }: RunContext, slice: Slice): Promise<Map<string, IncidentRecord>> {
  // Later updates sort first: the newest wanted is one tick before `to`, the oldest has `from` itself.
  const first = indexPrefix('t', addTicks(slice.to, -1));
  const last = indexPrefix('t', addTicks(slice.from, -1));
  const records = new Map<string, IncidentRecord>();
  for await (const rows of table.range(tenant.id, first, last)) {
    for (const row of rows) {
      const record = recordFrom(row);
      records.set(record.id, record);
    }
  }
  return records;
}

/** True lateness widens the overlap: the next ones of this kind are then seen by head itself. */
function countLate({ session, figures }: RunContext, late: number): void {
  if (late === 0) return;
  const { state } = session.memory;
  figures.late += late;
  session.stage({
    counts: { ...state.counts, late: state.counts.late + late },
    overlapMs: Math.min(MOST_OVERLAP_MS, state.overlapMs * 2),
  });
}

async function markNotSeen({ session, table, tenant }: RunContext, id: string, since: string): Promise<void> {
  const row = await table.get(tenant.id, currentKey(id));
  if (!row) return;
  const record = recordFrom(row);
  session.stage({ pending: withoutPending(session.memory.state.pending, id) });
  forget(session, id);
  await session.commit(currentWrites({ ...record, notSeenSince: since }, { record, etag: row.etag }));
}
