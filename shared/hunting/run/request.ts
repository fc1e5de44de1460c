import { createHash } from 'node:crypto';
import { isOutriderError, OutriderError } from '../../errors.ts';
import type { RequestDependencies } from './dependencies.ts';
import { huntMessage } from './message.ts';
import { idempotencyRow, newRunId, runKey } from './names.ts';
import { packed, type RunInput, type RunRecord, recordColumns } from './record.ts';
import { spanOf } from './timespan.ts';
import { type HuntRequest, MOST_ROWS } from './types.ts';

/** A run that is not done by then is ended: longer than three CPU cycles, shorter than anyone waits. */
const LIVES_MS = 6 * 3_600_000;
const MOST_KEY_CHARS = 200;
const FORMAT = 1;

/** The run that was asked for; `isNew` false when its idempotency key named one before. */
export interface RequestedRun {
  readonly id: string;
  readonly isNew: boolean;
}

/**
 * Asks for a run. Its message is sent first and its row written then: whatever dies in between, no row is without a
 * message, and a message without a row is dropped.
 *
 * @throws OutriderError `hunt.query_invalid` when the check found an error, `request.invalid` for a timespan, row limit
 * or key that cannot be, `hunt.key_reused` when the idempotency key stands for another request, `storage.*`
 */
export async function requestHunt(
  dependencies: RequestDependencies,
  request: HuntRequest,
): Promise<RequestedRun> {
  checkRequest(request, dependencies.clock.now());
  const { table, blobs, queue, clock } = dependencies;
  const { tenant } = request;
  const now = clock.now();
  const id = newRunId(tenant, now);
  const known = await sameKeyBefore(dependencies, request);
  if (known !== undefined) return { id: known, isNew: false };
  const record = recordOf(request, id, now);
  const input = await packed(blobs, { run: id, column: 'input', writer: record.writer }, inputOf(request));
  // As of now, and not as of the request: what came before may have taken its time.
  await queue.send(huntMessage({ tenant, run: id, turn: 0, requestedMs: clock.now() }));
  const run = { op: 'insert', key: runKey(id), columns: { ...input, ...recordColumns(record) } } as const;
  try {
    await table.transact(tenant, [run, ...keyRow(request, id)]);
    return { id, isNew: true };
  } catch (error) {
    if (!isOutriderError(error, 'storage.conflict')) throw error;
    // A retry of the SDK may have met its own first try; else the key was used at the same moment.
    if (await table.get(tenant, runKey(id))) return { id, isNew: true };
    const other = await sameKeyBefore(dependencies, request);
    if (other === undefined) throw error;
    return { id: other, isNew: false };
  }
}

/** @throws OutriderError as {@link requestHunt} for what cannot be asked for */
export function checkRequest(
  {
    check,
    timespan,
    maxRows = MOST_ROWS,
    idempotencyKey = '',
  }: Pick<HuntRequest, 'check' | 'timespan' | 'maxRows' | 'idempotencyKey'>,
  nowMs: number,
): void {
  const errors = check.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new OutriderError(
      'hunt.query_invalid',
      'The query has errors and was not run. Correct them first.',
      {
        details: errors.map(({ code, message }) => `${code}: ${message}`),
      },
    );
  }
  spanOf(timespan, nowMs);
  if (!Number.isInteger(maxRows) || maxRows < 1 || maxRows > MOST_ROWS) {
    throw new OutriderError('request.invalid', `maxRows must be a whole number from 1 to ${MOST_ROWS}.`);
  }
  if (idempotencyKey.length > MOST_KEY_CHARS) {
    throw new OutriderError(
      'request.invalid',
      `The idempotency key is longer than ${MOST_KEY_CHARS} characters.`,
    );
  }
}

async function sameKeyBefore(
  { table }: RequestDependencies,
  request: HuntRequest,
): Promise<string | undefined> {
  const { tenant, askedBy, idempotencyKey } = request;
  if (idempotencyKey === undefined) return undefined;
  const row = await table.get(tenant, idempotencyRow(askedBy, idempotencyKey));
  if (!row) return undefined;
  if (row.columns.asked === fingerprint(request)) return String(row.columns.run);
  throw keyReused({ tenant });
}

/** For another request under a key that is used. */
export function keyReused(facts: { readonly tenant?: string } = {}): OutriderError {
  return new OutriderError(
    'hunt.key_reused',
    'This idempotency key was used for another hunt. Use a new key for a new request.',
    facts,
  );
}

function keyRow(request: HuntRequest, run: string) {
  const { askedBy, idempotencyKey } = request;
  if (idempotencyKey === undefined) return [];
  const columns = { v: FORMAT, run, asked: fingerprint(request) };
  return [{ op: 'insert', key: idempotencyRow(askedBy, idempotencyKey), columns } as const];
}

/** Tells whether two requests ask for the same. */
export function fingerprint({
  text,
  query,
  parameters,
  timespan,
  maxRows,
  group,
}: Omit<HuntRequest, 'tenant'>): string {
  const asked = JSON.stringify([text, query?.id, query?.version, parameters, timespan, maxRows, group]);
  return createHash('sha256').update(asked).digest('hex');
}

function recordOf(request: HuntRequest, id: string, now: number): RunRecord {
  const { tenant, origin, askedBy, query, group, idempotencyKey } = request;
  return {
    id,
    tenant,
    state: 'queued',
    origin,
    askedBy,
    query,
    group,
    requestedMs: now,
    expiresMs: now + LIVES_MS,
    rows: 0,
    bytes: 0,
    received: 0,
    calls: 0,
    writer: 'request',
    turn: 0,
    attempts: 0,
    retries: 0,
    ...(idempotencyKey === undefined ? {} : { keyRow: idempotencyRow(askedBy, idempotencyKey) }),
  };
}

function inputOf({ text, check, parameters = {}, timespan, maxRows = MOST_ROWS }: HuntRequest): RunInput {
  const { slicing, clockCalls } = check;
  return { text, check: { slicing, clockCalls }, parameters, timespan, maxRows };
}
