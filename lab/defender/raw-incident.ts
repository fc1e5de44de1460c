import { elementsOf, membersOf, type Slice, sliceText, withoutMembers } from './json-slices.ts';
import { timeKey } from './times.ts';

/** Which API an incident's JSON comes from. */
export type Family = 'graph' | 'xdr';

/** An incident that is served as the text it was loaded from. */
export interface RawIncident {
  readonly family: Family;
  readonly id: string;
  /** Sort keys, see `timeKey`. */
  readonly created: string;
  readonly updated: string;
  /** Exactly what was loaded. */
  readonly text: string;
  /** The same without its alerts: what Graph gives when they are not asked for. */
  readonly bareText: string;
  /** Top-level texts and nulls, for filters. */
  readonly fields: Readonly<Record<string, string | null>>;
  /** Graph only: the alerts, each as written; those without an id or times are left out of alerts_v2. */
  readonly alerts: readonly RawAlert[];
}

export interface RawAlert {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | null>>;
}

/** Why a text is not an incident that can be served; the message is meant for people. */
export class NotAnIncident extends Error {
  override readonly name = 'NotAnIncident';
}

const NAMES = {
  graph: { id: 'id', created: 'createdDateTime', updated: 'lastUpdateDateTime' },
  xdr: { id: 'incidentId', created: 'createdTime', updated: 'lastUpdateTime' },
} as const;

/** Which family's shape a JSON object has. @throws NotAnIncident */
export function familyOf(text: string): Family {
  const keys = new Set(objectMembers(text).map((member) => member.key));
  if (keys.has('alertId') || keys.has('alertCreationTime') || (keys.has('id') && keys.has('incidentId'))) {
    throw new NotAnIncident('an alert, not an incident');
  }
  if (keys.has('incidentId')) return 'xdr';
  if (keys.has('id')) return 'graph';
  throw new NotAnIncident('neither "id" (Graph) nor "incidentId" (Defender XDR): not an incident');
}

/** Reads one incident from its JSON text. @throws NotAnIncident when it cannot be served */
export function readRawIncident(family: Family, text: string): RawIncident {
  const trimmed = text.trim();
  parse(trimmed);
  const names = NAMES[family];
  const members = objectMembers(trimmed);
  const sliceOf = (key: string): Slice | undefined => members.findLast((member) => member.key === key)?.value;

  const idSlice = sliceOf(names.id);
  if (!idSlice) throw new NotAnIncident(`no "${names.id}"`);
  const id = readId(family, sliceText(trimmed, idSlice));
  const fields = scalarFields(trimmed);
  return {
    family,
    id,
    created: readTime(fields, names.created, id),
    updated: readTime(fields, names.updated, id),
    text: trimmed,
    bareText: family === 'graph' ? withoutMembers(trimmed, isAlertsMember) : trimmed,
    fields,
    alerts: family === 'graph' ? readAlerts(trimmed, sliceOf('alerts')) : [],
  };
}

/** A number keeps its spelling: an id above 2^53 must not be rounded. */
function readId(family: Family, written: string): string {
  const value: unknown = JSON.parse(written);
  if (typeof value === 'string' && value !== '') return value;
  if (family === 'xdr' && typeof value === 'number' && /^\d+$/.test(written)) return written;
  throw new NotAnIncident(
    family === 'graph'
      ? `"id" must be a text, found ${written}`
      : `"incidentId" must be a number, found ${written}`,
  );
}

function readTime(fields: RawIncident['fields'], name: string, id: string): string {
  const key = timeKey(fields[name]);
  if (key === undefined)
    throw new NotAnIncident(`incident ${id}: "${name}" is missing or not a time with an offset`);
  return key;
}

function readAlerts(text: string, slice: Slice | undefined): RawAlert[] {
  if (!slice) return [];
  const written = sliceText(text, slice);
  if (!written.startsWith('[')) return [];
  return elementsOf(written).flatMap((element) => readAlert(sliceText(written, element)));
}

function readAlert(text: string): RawAlert[] {
  if (!text.startsWith('{')) return [];
  const fields = scalarFields(text);
  const created = timeKey(fields.createdDateTime);
  const updated = timeKey(fields.lastUpdateDateTime);
  const id = fields.id;
  if (!id || created === undefined || updated === undefined) return [];
  return [{ id, created, updated, text, fields }];
}

function scalarFields(text: string): Record<string, string | null> {
  const fields: Record<string, string | null> = {};
  for (const member of membersOf(text)) {
    const value: unknown = JSON.parse(sliceText(text, member.value));
    if (value === null || typeof value === 'string') fields[member.key] = value;
  }
  return fields;
}

function objectMembers(text: string): ReturnType<typeof membersOf> {
  if (!text.startsWith('{')) throw new NotAnIncident('not a JSON object');
  return membersOf(text);
}

function parse(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new NotAnIncident(`not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

const isAlertsMember = (key: string): boolean => key === 'alerts' || key.startsWith('alerts@odata.');
