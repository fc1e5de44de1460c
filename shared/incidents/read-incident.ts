import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OutriderError } from '../errors.ts';
import type { BlobStore, TableStore } from '../storage.ts';
import { afterPrefix, blobName, currentKey, encodeId } from './keys.ts';
import { type IncidentRecord, recordFrom } from './records.ts';

const decompress = promisify(gunzip);

export interface ReadDependencies {
  readonly table: TableStore;
  readonly blobs: BlobStore;
}

export interface IncidentKey {
  readonly tenant: string;
  readonly id: string;
}

/** A stored incident: what its rows say, and its text exactly as the service sent it. */
export interface StoredIncident {
  readonly record: IncidentRecord;
  readonly text: string;
  /** Where a merged incident lives on, after all redirects. */
  readonly redirectedTo: string | undefined;
}

/** A version in an incident's history. */
export interface StoredVersion extends IncidentRecord {
  /** It was already overtaken when it arrived. */
  readonly superseded: boolean;
}

/**
 * The current version of an incident, or undefined.
 *
 * @throws OutriderError `sync.redirect_cycle` when its redirects lead back to themselves
 */
export async function readIncident(
  { table, blobs }: ReadDependencies,
  key: IncidentKey,
): Promise<StoredIncident | undefined> {
  const record = await currentOf(table, key);
  if (!record) return undefined;
  const [text, redirectedTo] = await Promise.all([
    readText(blobs, key, record.version),
    followRedirects(table, key.tenant, record),
  ]);
  return { record, text, redirectedTo };
}

/** All stored versions of an incident, newest first; undefined for an unknown incident. */
export async function readVersions(
  table: TableStore,
  { tenant, id }: IncidentKey,
): Promise<readonly StoredVersion[] | undefined> {
  const prefix = `h|${encodeId(id)}!`;
  const versions: StoredVersion[] = [];
  for await (const rows of table.range(tenant, prefix, afterPrefix(prefix))) {
    for (const row of rows)
      versions.push({ ...recordFrom(row), superseded: row.columns.superseded === true });
  }
  return versions.length > 0 ? versions.reverse() : undefined;
}

/** One version of an incident, or undefined. */
export async function readVersion(
  { table, blobs }: ReadDependencies,
  key: IncidentKey,
  version: string,
): Promise<StoredIncident | undefined> {
  const found = (await readVersions(table, key))?.find((stored) => stored.version === version);
  if (!found) return undefined;
  return { record: found, text: await readText(blobs, key, version), redirectedTo: undefined };
}

async function currentOf(
  table: TableStore,
  { tenant, id }: IncidentKey,
): Promise<IncidentRecord | undefined> {
  const row = await table.get(tenant, currentKey(id));
  return row && recordFrom(row);
}

async function readText(blobs: BlobStore, { tenant, id }: IncidentKey, version: string): Promise<string> {
  const content = await blobs.get(blobName(tenant, id, version));
  if (content) return (await decompress(content)).toString();
  throw new OutriderError(
    'storage.not_found',
    `The text of incident ${id}, version ${version}, of tenant ${tenant} is not in storage although its row is. Ask for a sync; if that does not bring it back, the blob was deleted by something other than Outrider.`,
    { tenant },
  );
}

async function followRedirects(
  table: TableStore,
  tenant: string,
  record: IncidentRecord,
): Promise<string | undefined> {
  const path = [record.id];
  let next = record.redirectTo;
  while (next !== undefined) {
    if (path.includes(next)) {
      throw new OutriderError(
        'sync.redirect_cycle',
        `The redirects of incident ${record.id} of tenant ${tenant} lead in a circle: ${[...path, next].join(' -> ')}.`,
        { tenant },
      );
    }
    path.push(next);
    next = (await currentOf(table, { tenant, id: next }))?.redirectTo;
  }
  return path.length > 1 ? path.at(-1) : undefined;
}
