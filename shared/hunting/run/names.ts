import { createHash, randomBytes } from 'node:crypto';
import { isGuid } from '../../text.ts';

/**
 * A run's id names its tenant and sorts newest first: the tenant's GUID, `_`, the time left until the year 2286 in
 * base 36, and randomness. A caller who guesses one learns nothing: access is by tenant.
 */
const END_OF_TIME_MS = 9_999_999_999_999;
const TIME_DIGITS = 9;
const RUN_ID = /^[0-9a-f-]{36}_[0-9a-z]{9}[0-9a-f]{16}$/;

export function newRunId(tenant: string, nowMs: number): string {
  return `${tenant}_${invertedTime(nowMs)}${randomBytes(8).toString('hex')}`;
}

/** The tenant that a run's id names, or undefined if it is no run's id. */
export function tenantOfRun(run: string): string | undefined {
  if (!RUN_ID.test(run)) return undefined;
  const tenant = run.slice(0, 36);
  return isGuid(tenant) ? tenant : undefined;
}

const RUNS = 'r|';
export const runKey = (run: string): string => `${RUNS}${run.slice(37)}`;
/** All of a tenant's runs, newest first: `from <= key < to`. */
export const RUN_KEYS = { from: RUNS, to: 'r}' } as const;
/** First key of the runs that were asked for at `ms` or before. */
export const runKeyAt = (ms: number): string => `${RUNS}${invertedTime(ms)}`;
export const keyAfter = (key: string): string => `${key}~`;

/** The row that remembers which run an asker's idempotency key is. */
export const idempotencyRow = (askedBy: string, key: string): string =>
  `i|${createHash('sha256')
    .update(JSON.stringify([askedBy, key]))
    .digest('hex')}`;

/** Folder of all that a run keeps in blobs. */
export const runFolder = (run: string): string => `${run.slice(0, 36)}/hunts/${run.slice(37)}/`;
/** Parts of a row that do not fit it. `writer` is unique to one write. */
export const overflowBlob = (run: string, column: string, writer: string): string =>
  `${runFolder(run)}${column}.${writer}.json.gz`;
/** A part of the result: of one holder, so that one who was overtaken writes over nobody's. */
export const partBlob = (run: string, holder: string, part: number): string =>
  `${runFolder(run)}rows.${holder}.${String(part).padStart(4, '0')}.ndjson.gz`;
export const descriptionBlob = (run: string, holder: string): string =>
  `${runFolder(run)}description.${holder}.json.gz`;

function invertedTime(ms: number): string {
  return (END_OF_TIME_MS - ms).toString(36).padStart(TIME_DIGITS, '0');
}
