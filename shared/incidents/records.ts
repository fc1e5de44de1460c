import type { Columns, Row, RowWrite } from '../storage.ts';
import { unknownFormat } from '../stored-format.ts';
import type { ApiFamily } from '../tenant.ts';
import type { PaddedTime } from '../time.ts';
import { VERSION_RULE } from './canonical.ts';
import { currentKey, feedKey, historyKey, type IndexName, indexKey } from './keys.ts';
import type { ReceivedIncident } from './ports.ts';
import { FORMAT } from './state.ts';

/** What the rows of an incident say: enough to list and filter by; the whole incident is in its blob. */
export interface IncidentRecord {
  readonly id: string;
  readonly version: string;
  /** Number of the rule that made `version`. */
  readonly rule: number;
  readonly family: ApiFamily;
  readonly lastUpdate: PaddedTime;
  readonly created: PaddedTime;
  /** Service time of the read that brought this version. */
  readonly observedAt: PaddedTime;
  readonly sequence: number;
  readonly status: string;
  readonly severity: string;
  readonly title: string;
  readonly assignedTo?: string | undefined;
  readonly classification?: string | undefined;
  readonly determination?: string | undefined;
  readonly webUrl?: string | undefined;
  readonly redirectTo?: string | undefined;
  /** Number of alerts in the stored text; -1 when they could not be read yet. */
  readonly alerts: number;
  /** The alerts were joined from the list of alerts: the service could not give the incident with them. */
  readonly alertsJoined?: true;
  /** Service time since which the service no longer lists it. */
  readonly notSeenSince?: PaddedTime | undefined;
}

/** Index and record rows show at most this much of a text, in characters; the blob has all of it. */
const SHOWN = 1_000;
const CLOSED: ReadonlySet<string> = new Set(['resolved', 'redirected']);

/** The record of a version just received. */
export function recordOf(
  incident: ReceivedIncident,
  version: string,
  observedAt: PaddedTime,
  sequence: number,
): IncidentRecord {
  const { family, lastUpdate, created, status, severity, assignedTo, classification, determination } =
    incident;
  return {
    id: incident.id,
    version,
    rule: VERSION_RULE,
    family,
    lastUpdate,
    created,
    observedAt,
    sequence,
    status: shown(status),
    severity: shown(severity),
    title: shown(incident.title),
    assignedTo: assignedTo === undefined ? undefined : shown(assignedTo),
    classification: classification === undefined ? undefined : shown(classification),
    determination: determination === undefined ? undefined : shown(determination),
    webUrl: incident.webUrl === undefined ? undefined : shown(incident.webUrl),
    redirectTo: incident.redirectTo,
    alerts: incident.alertCount ?? -1,
    ...(incident.alertsJoined ? { alertsJoined: true } : {}),
  };
}

/** Fit for a column: half a surrogate pair does not survive storage. */
function shown(text: string): string {
  return text.slice(0, SHOWN).toWellFormed();
}

function columnsOf(record: IncidentRecord): Columns {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return { v: FORMAT, ...Object.fromEntries(present) };
}

/** @throws OutriderError `storage.unreadable` for a format that this version does not know */
export function recordFrom(row: Row): IncidentRecord {
  const { v, ...columns } = row.columns;
  if (v === FORMAT) return columns as unknown as IncidentRecord;
  throw unknownFormat(`row ${row.key} of an incident`, v, FORMAT);
}

/** True for incidents that somebody still has to look at. */
export function isOpen(record: Pick<IncidentRecord, 'status'>): boolean {
  return !CLOSED.has(record.status);
}

/** A stored current record with its ETag. */
export interface StoredRecord {
  readonly record: IncidentRecord;
  readonly etag: string;
}

/** Writes that make `next` the current record: record, indexes (moved when the last update did), nothing else. */
export function currentWrites(next: IncidentRecord, before: StoredRecord | undefined): RowWrite[] {
  const columns = columnsOf(next);
  const key = currentKey(next.id);
  return [
    before ? { op: 'replace', key, columns, etag: before.etag } : { op: 'insert', key, columns },
    ...indexWrites('t', next, before?.record, true, before !== undefined),
    ...indexWrites('o', next, before?.record, isOpen(next), before !== undefined && isOpen(before.record)),
  ];
}

function indexWrites(
  index: IndexName,
  next: IncidentRecord,
  before: IncidentRecord | undefined,
  wanted: boolean,
  present: boolean,
): RowWrite[] {
  const key = indexKey(index, next.lastUpdate, next.id);
  const keyBefore = before && present ? indexKey(index, before.lastUpdate, before.id) : undefined;
  const writes: RowWrite[] = [];
  if (keyBefore !== undefined && (!wanted || keyBefore !== key)) writes.push({ op: 'drop', key: keyBefore });
  if (wanted) writes.push({ op: 'put', key, columns: columnsOf(next) });
  return writes;
}

/** The history row of a version. `superseded`: it was already overtaken when it arrived. */
export function historyWrite(record: IncidentRecord, superseded: boolean): RowWrite {
  return {
    op: 'put',
    key: historyKey(record.id, record.sequence),
    columns: { ...columnsOf(record), superseded },
  };
}

/** The change feed row of a version. */
export function feedWrite(record: IncidentRecord, change: 'created' | 'updated'): RowWrite {
  return { op: 'put', key: feedKey(record.sequence), columns: { ...columnsOf(record), change } };
}
