import { createHash } from 'node:crypto';
import { type PaddedTime, ticksFromPadded } from '../time.ts';

/**
 * Names of rows and blobs. Incident ids may hold anything, table keys and blob names may not: every character
 * outside `A-Z a-z 0-9 . _ -` becomes `=` and its UTF-16 code in four hex digits; a very long id ends in its hash.
 * `!` separates, because it sorts before all of these: rows and blobs then come in the same order of ids.
 */
export const STATE_KEY = 's';

const MAX_ENCODED = 200;
const SEQUENCE_DIGITS = 16;
const INVERSION = 10n ** 19n;

export function encodeId(id: string): string {
  const encoded = id.replaceAll(
    /[^A-Za-z0-9._-]/g,
    (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (encoded.length <= MAX_ENCODED) return encoded;
  // utf16le, so that lone surrogates differ too.
  return `${encoded.slice(0, 100)}~${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
}

/** A number that grows with every stored version of a tenant, as text that sorts by it. */
function sequenceText(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, '0');
}

export const currentKey = (id: string): string => `c|${encodeId(id)}`;
export const historyKey = (id: string, sequence: number): string =>
  `h|${encodeId(id)}!${sequenceText(sequence)}`;
export const feedKey = (sequence: number): string => `x|${sequenceText(sequence)}`;

/** `t` holds all incidents, `o` the open ones; both newest last update first. */
export type IndexName = 't' | 'o';

/** Start of all index keys with this last update: later updates sort before it, earlier ones after. */
export function indexPrefix(index: IndexName, lastUpdate: PaddedTime): string {
  const inverted = (INVERSION - ticksFromPadded(lastUpdate)).toString().padStart(20, '0');
  return `${index}|${inverted}`;
}

export const indexKey = (index: IndexName, lastUpdate: PaddedTime, id: string): string =>
  `${indexPrefix(index, lastUpdate)}|${encodeId(id)}`;

/** First key after everything that starts with `prefix`. */
export const afterPrefix = (prefix: string): string => `${prefix}~~`;

/** Folder of a tenant's incident blobs. */
export const blobFolder = (tenant: string): string => `${tenant}/incidents/`;
export const blobName = (tenant: string, id: string, version: string): string =>
  `${blobFolder(tenant)}${encodeId(id)}!${version}.json.gz`;
/** Parts of the tenant's state that do not fit its row. */
export const stateBlobFolder = (tenant: string): string => `${tenant}/state/`;
