import { gunzipSync } from 'node:zlib';
import type { Defender } from '../../lab/defender/defender.ts';
import { blobName } from '../../shared/incidents/keys.ts';
import type { Row } from '../../shared/storage.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import type { Findings } from './findings.ts';
import { type CrossingTenant, foreignIn } from './tenants.ts';

/** What was looked at in the end. */
export interface Inspected {
  rows: number;
  feedRows: number;
  seen: number;
  blobs: number;
  comments: number;
  /** Incidents that are not stored as they are listed. */
  readonly missing: string[];
}

/** What is looked through. */
export interface Inspection {
  readonly store: MemoryStore;
  readonly defender: Defender;
  readonly findings: Findings;
  /** Rows alone, or what is stored in blobs, sent in messages, and live as well. */
  readonly wholly: boolean;
}

/** Looks through all that is stored for anything of another tenant, and for what a tenant lacks of its own. */
export function inspectStore(tenants: readonly CrossingTenant[], inspection: Inspection): Inspected {
  const { store, defender, findings, wholly } = inspection;
  const inspected: Inspected = { rows: 0, feedRows: 0, seen: 0, blobs: 0, comments: 0, missing: [] };
  for (const of of tenants) {
    const rows = store.rows(of.tenant.id);
    for (const row of rows) inspectRow(row, of, findings, inspected);
    inspectSeen(rows, of, store, findings, inspected);
    if (!wholly) continue;
    inspectCurrent(rows, of, store, defender, inspected);
    inspectLive(of, defender, findings, inspected);
  }
  if (wholly) inspectBlobs(tenants, store, findings, inspected);
  return inspected;
}

function inspectRow(
  { key, columns }: Row,
  of: CrossingTenant,
  findings: Findings,
  inspected: Inspected,
): void {
  inspected.rows++;
  if (key.startsWith('x|')) inspected.feedRows++;
  const text = JSON.stringify(columns);
  for (const foreign of foreignIn(text, of)) {
    findings.crossing(`the row ${key} of ${of.mark} speaks of ${foreign}`);
  }
  const isIncident = key !== 's';
  if (isIncident && !text.includes(of.mark)) findings.crossing(`the row ${key} of ${of.mark} is not its own`);
}

/** What a tenant remembers to have seen are versions of its own incidents, and its own alerts. */
function inspectSeen(
  rows: readonly Row[],
  of: CrossingTenant,
  store: MemoryStore,
  findings: Findings,
  inspected: Inspected,
): void {
  const columns = rows.find(({ key }) => key === 's')?.columns;
  if (!columns) return;
  const kept = typeof columns.seenBlob === 'string' ? store.blob(columns.seenBlob) : undefined;
  const text = kept ? gunzipSync(kept).toString() : String(columns.seen);
  const { i, a } = JSON.parse(text) as { i: [string, string][]; a: [string, string][] };
  inspected.seen += i.length + a.length;
  const own = rows
    .filter(({ key }) => key.startsWith('h|'))
    .map(({ columns: { id, version } }) => `${id} ${String(version).slice(0, 16)}`);
  const versions = new Set(own);
  for (const [id, version] of i) {
    if (!versions.has(`${id} ${version}`)) findings.crossing(`${of.mark} has seen incident ${id} of another`);
  }
  for (const [id] of a) {
    if (!id.includes(of.mark)) findings.crossing(`${of.mark} has seen the alert ${id}`);
  }
}

function inspectCurrent(
  rows: readonly Row[],
  of: CrossingTenant,
  store: MemoryStore,
  defender: Defender,
  inspected: Inspected,
): void {
  const current = new Map(
    rows.filter(({ key }) => key.startsWith('c|')).map(({ columns }) => [String(columns.id), columns]),
  );
  const listed = defender.tenant(of.tenant.id).list();
  for (const { id, displayName, lastUpdateDateTime } of listed) {
    const columns = current.get(id);
    const content = columns && store.blob(blobName(of.tenant.id, id, String(columns.version)));
    const text = content ? gunzipSync(content).toString() : '';
    if (!text.includes(JSON.stringify(displayName)) || !text.includes(lastUpdateDateTime)) {
      inspected.missing.push(`${of.mark} ${id}`);
    }
  }
  if (current.size > listed.length) inspected.missing.push(`${of.mark} has more than is listed`);
}

/** What persons have written stands in their own tenant, under their own names. */
function inspectLive(of: CrossingTenant, defender: Defender, findings: Findings, inspected: Inspected): void {
  for (const { id, assignedTo, lastModifiedBy, comments } of defender.tenant(of.tenant.id).list()) {
    for (const foreign of foreignIn(JSON.stringify([assignedTo, lastModifiedBy, comments]), of)) {
      findings.crossing(`the incident ${id} of ${of.mark} was changed by ${foreign}`);
    }
    for (const { comment, createdByDisplayName } of comments) {
      inspected.comments++;
      const [mark = 'nobody'] = comment.split(' ');
      if (createdByDisplayName.startsWith(`${mark}@`)) continue;
      findings.crossing(`${createdByDisplayName} is said to have written what ${mark} has`);
    }
  }
}

function inspectBlobs(
  tenants: readonly CrossingTenant[],
  store: MemoryStore,
  findings: Findings,
  inspected: Inspected,
): void {
  const owners = new Map(tenants.map((of) => [of.tenant.id, of]));
  for (const name of store.blobNames()) {
    inspected.blobs++;
    const owner = owners.get(name.split('/')[0] ?? '');
    const content = store.blob(name);
    if (!owner || !content) {
      findings.crossing(`the blob ${name} is nobody's`);
      continue;
    }
    const text = gunzipSync(content).toString();
    for (const foreign of foreignIn(text, owner)) findings.crossing(`the blob ${name} speaks of ${foreign}`);
    if (!text.includes(owner.mark)) findings.crossing(`the blob ${name} is not its tenant's own`);
  }
}
