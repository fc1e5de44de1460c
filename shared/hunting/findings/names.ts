import { createHash } from 'node:crypto';

/**
 * Rows of findings, in the partition of their tenant in the table of incidents, where the change feed is:
 *
 * - `q|query`: state of the query for the tenant; its ETag is the fence of all the others
 * - `f|query!hash`: a finding's state, last seen and count: small, since it is read and written often
 * - `n|inverted time|query!hash`: the finding itself, newest first, written when it is found and when it ends
 */
const INVERSION_MS = 9_999_999_999_999;
const DIGITS = 13;
const MOST_CHARS = 150;

/** Query ids may hold `#`, table keys may not; a very long one ends in its hash. Ids differ by more than case. */
export function encodeQueryId(id: string): string {
  const encoded = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (encoded.length <= MOST_CHARS) return encoded;
  return `${encoded.slice(0, 100)}~${createHash('sha256').update(encoded).digest('hex').slice(0, 40)}`;
}

export const stateKey = (query: string): string => `q|${encodeQueryId(query)}`;
/** All states: `from <= key < to`. */
export const STATE_KEYS = { from: 'q|', to: 'q}' } as const;

const findingPrefix = (query: string): string => `f|${encodeQueryId(query)}!`;
export const findingKey = (query: string, hash: string): string => `${findingPrefix(query)}${hash}`;
export const findingKeys = (query: string) => ({
  from: findingPrefix(query),
  to: `${findingPrefix(query)}~`,
});
export const hashOfKey = (key: string): string => key.slice(key.lastIndexOf('!') + 1);

/** Start of the keys of findings found at `ms`: those found later sort before it. */
export const indexPrefix = (ms: number): string => `n|${String(INVERSION_MS - ms).padStart(DIGITS, '0')}|`;
export const indexKey = (ms: number, query: string, hash: string): string =>
  `${indexPrefix(ms)}${encodeQueryId(query)}!${hash}`;
export const INDEX_KEYS = { from: 'n|', to: 'n}' } as const;

/** A row too long for a column. */
export const rowBlob = (tenant: string, query: string, hash: string): string =>
  `${tenant}/findings/${encodeQueryId(query)}/${hash}.json.gz`;
