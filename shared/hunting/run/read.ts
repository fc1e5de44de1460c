import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OutriderError } from '../../errors.ts';
import type { Row, StreamingBlobStore } from '../../storage.ts';
import type { RunStorage } from './dependencies.ts';
import { keyAfter, RUN_KEYS, runKey } from './names.ts';
import { decodeRecord, type Part, readInput, readProgress } from './record.ts';
import type { HuntRun, HuntRunDetails, RunState } from './types.ts';
import { detailsOf, runOf } from './view.ts';

const expand = promisify(gunzip);
const RUN_COLUMNS = ['v', 'run'] as const;

/** A run with what was asked and found, rows apart; undefined when there is none. */
export async function readRun(
  { table, blobs }: RunStorage,
  { tenant, run }: { readonly tenant: string; readonly run: string },
): Promise<HuntRunDetails | undefined> {
  const row = await table.get(tenant, runKey(run));
  if (!row) return undefined;
  return detailsOf(decodeRecord(row), await readInput(blobs, row), await readProgress(blobs, row));
}

/** The state alone: one small read, for whoever waits for a run to end. */
export async function readRunState(
  { table }: Pick<RunStorage, 'table'>,
  { tenant, run }: { readonly tenant: string; readonly run: string },
): Promise<HuntRun | undefined> {
  const row = await table.get(tenant, runKey(run));
  return row && runOf(decodeRecord(row));
}

/** Which of a tenant's runs. */
export interface RunFilter {
  readonly tenant: string;
  readonly states?: readonly RunState[] | undefined;
  readonly queryId?: string | undefined;
  readonly group?: string | undefined;
  /** Only runs older than this one. */
  readonly after?: string | undefined;
}

/** A tenant's runs, newest first, as many as the reader takes. */
export async function* listRuns(
  { table }: Pick<RunStorage, 'table'>,
  { tenant, states, queryId, group, after }: RunFilter,
): AsyncGenerator<HuntRun, void> {
  const from = after === undefined ? RUN_KEYS.from : keyAfter(runKey(after));
  for await (const rows of table.range(tenant, from, RUN_KEYS.to, { pageSize: 100, select: RUN_COLUMNS })) {
    for (const row of rows) {
      const run = runOf(decodeRecord(row));
      const wanted =
        (states?.includes(run.state) ?? true) &&
        (queryId === undefined || run.query?.id === queryId) &&
        (group === undefined || run.group === group);
      if (wanted) yield run;
    }
  }
}

/** Which rows: `count` from the one numbered `from`, from 0. */
export interface RowRange {
  readonly tenant: string;
  readonly run: string;
  readonly from?: number | undefined;
  /** Default: to the end. */
  readonly count?: number | undefined;
}

/**
 * Rows of a result, each the text of one JSON object as the service wrote it, a chunk at a time; memory does not grow
 * with the result.
 *
 * @throws OutriderError `request.not_found` for an unknown run; `hunt.not_ready` for one that has no result (yet);
 * `storage.*`; from the first read
 */
export async function* readRows(
  { table, blobs }: RunStorage,
  { tenant, run, from = 0, count = Number.POSITIVE_INFINITY }: RowRange,
): AsyncGenerator<readonly string[], void> {
  const row = await table.get(tenant, runKey(run));
  if (!row) throw new OutriderError('request.not_found', `There is no hunting run ${run}.`, { tenant });
  requireResult(row, tenant);
  const { parts, inline } = await readProgress(blobs, row);
  const to = from + count;
  if (inline !== undefined) {
    const rows = inline === '' ? [] : inline.split('\n');
    if (rows.length > from && to > from) yield rows.slice(from, Math.min(to, rows.length));
    return;
  }
  let first = 0;
  for (const part of parts) {
    if (first >= to) return;
    if (first + part.rows > from) yield* rowsOfPart(blobs, part, Math.max(0, from - first), to - first);
    first += part.rows;
  }
}

function requireResult(row: Row, tenant: string): void {
  const { state, id } = decodeRecord(row);
  if (state === 'succeeded' || state === 'truncated') return;
  throw new OutriderError('hunt.not_ready', `The hunting run ${id} is ${state}: it has no rows.`, { tenant });
}

/** Rows `from` to one before `to` of one part: only the members that hold them are fetched. */
async function* rowsOfPart(
  blobs: StreamingBlobStore,
  { name, members }: Part,
  from: number,
  to: number,
): AsyncGenerator<readonly string[], void> {
  const wanted = membersWithin(members, from, to);
  const begin = wanted[0];
  const end = wanted.at(-1);
  if (!begin || !end) return;
  let index = 0;
  for await (const bytes of cutAt(
    blobs.read(name, { from: begin.offset, to: end.offset + end.length }),
    wanted.map(({ length }) => length),
  )) {
    const member = wanted[index++];
    if (!member) return;
    const rows = (await expand(bytes)).toString('utf8').split('\n');
    // Each member ends with a line end.
    rows.pop();
    yield rows.slice(Math.max(0, from - member.first), Math.min(rows.length, to - member.first));
  }
  if (index < wanted.length) {
    throw new OutriderError('storage.unreadable', `The blob ${name} of a stored hunting run is too short.`);
  }
}

interface Member {
  readonly offset: number;
  readonly length: number;
  readonly first: number;
}

function membersWithin(members: Part['members'], from: number, to: number): Member[] {
  const found: Member[] = [];
  let offset = 0;
  let first = 0;
  for (const [length, rows] of members) {
    if (first + rows > from && first < to) found.push({ offset, length, first });
    offset += length;
    first += rows;
  }
  return found;
}

/** The stream's bytes in pieces of these lengths. */
async function* cutAt(
  stream: AsyncIterable<Uint8Array>,
  lengths: readonly number[],
): AsyncGenerator<Buffer, void> {
  let index = 0;
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    held.push(chunk);
    bytes += chunk.length;
    for (let length = lengths[index]; length !== undefined && bytes >= length; length = lengths[index]) {
      const whole = Buffer.concat(held);
      yield whole.subarray(0, length);
      held = [whole.subarray(length)];
      bytes -= length;
      index += 1;
    }
  }
}
