import { gunzipSync, gzipSync } from 'node:zlib';
import { OutriderError } from '../../errors.ts';
import type { Columns, Row, StreamingBlobStore } from '../../storage.ts';
import { unknownFormat } from '../../stored-format.ts';
import type { CheckResult, Column } from '../ports.ts';
import { overflowBlob } from './names.ts';
import type { FinalState, HuntRun, RunState, SliceFact, Truncation } from './types.ts';

/** Format of stored runs. */
export const FORMAT = 1;

/** What a run's row says of it, with what only those who run it need. */
export interface RunRecord extends HuntRun {
  /** Unique to each write: tells after a lost answer whether the write took effect. */
  readonly writer: string;
  /** The turn that is due or under way. */
  readonly turn: number;
  /** Times that it was begun since it last got on: one that kills its instance again and again is ended. */
  readonly attempts: number;
  /** Tries in a row that failed upstream. */
  readonly retries: number;
  /** Not begun or continued after this. */
  readonly expiresMs: number;
  /** The row of its idempotency key, which is deleted with it. */
  readonly keyRow?: string | undefined;
  readonly lease?: { readonly holder: string; readonly untilMs: number } | undefined;
}

/** What was asked for. */
export interface RunInput {
  readonly text: string;
  readonly check: Pick<CheckResult, 'slicing' | 'clockCalls'>;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timespan?: string | undefined;
  readonly maxRows: number;
}

/** One blob of rows: gzip members one after the other, so that reading can begin at any of them. */
export interface Part {
  readonly name: string;
  readonly rows: number;
  /** Not compressed. */
  readonly bytes: number;
  /** Compressed length and rows of each member, in turn. */
  readonly members: readonly (readonly [length: number, rows: number])[];
}

/** How far a run has come. Ends of spans are padded times. */
export interface RunProgress {
  readonly columns: readonly Column[];
  /** Slices yet to be read, the next one last; undefined while the query is sent as it is. */
  readonly pending?: readonly (readonly [from: string, to: string])[] | undefined;
  readonly slices: readonly SliceFact[];
  readonly parts: readonly Part[];
  /** What could not be read whole so far. */
  readonly cut?: Cut | undefined;
  /** Rows of a small result, as NDJSON; then there are no parts. */
  readonly inline?: string | undefined;
}

/** Why rows are missing, the first reason met, and in how many slices. */
export interface Cut {
  readonly reason: Truncation['reason'];
  /** The service's or our words. */
  readonly words: string;
  readonly count: number;
  /** The first of them, `start/end`. */
  readonly spans: readonly string[];
}

const NO_PROGRESS: RunProgress = { columns: [], slices: [], parts: [] };

const FINAL: ReadonlySet<RunState> = new Set<FinalState>([
  'succeeded',
  'truncated',
  'failed',
  'cancelled',
  'superseded',
]);

export const isFinal = (state: RunState): state is FinalState => FINAL.has(state);

/** A table property holds 32 Ki characters; what is longer goes to a blob. */
const MOST_IN_ROW = 24_000;

/** Columns for a value that may be too long for a row. */
export async function packed(
  blobs: StreamingBlobStore,
  { run, column, writer }: { readonly run: string; readonly column: string; readonly writer: string },
  value: object,
): Promise<Columns> {
  const text = JSON.stringify(value);
  if (text.length <= MOST_IN_ROW) return { [column]: text };
  const name = overflowBlob(run, column, writer);
  await blobs.put(name, gzipSync(text), { v: String(FORMAT) });
  return { [`${column}Blob`]: name };
}

/** The columns of {@link packed}, as they stand in the row. */
export function packedColumns(row: Row, column: string): Columns {
  const name = `${column}Blob`;
  const inRow = row.columns[column];
  if (inRow !== undefined) return { [column]: inRow };
  const inBlob = row.columns[name];
  return inBlob === undefined ? {} : { [name]: inBlob };
}

async function unpacked(blobs: StreamingBlobStore, row: Row, column: string): Promise<unknown> {
  const text = row.columns[column];
  if (typeof text === 'string') return JSON.parse(text);
  const name = row.columns[`${column}Blob`];
  if (typeof name !== 'string') return undefined;
  const content = await blobs.get(name);
  if (content) return JSON.parse(gunzipSync(content).toString());
  throw new OutriderError('storage.unreadable', `The blob ${name} of a stored hunting run is missing.`);
}

export async function readInput(blobs: StreamingBlobStore, row: Row): Promise<RunInput> {
  const input = await unpacked(blobs, row, 'input');
  if (input !== undefined) return input as RunInput;
  throw new OutriderError('storage.unreadable', `The stored hunting run ${row.key} has no query.`);
}

export async function readProgress(blobs: StreamingBlobStore, row: Row): Promise<RunProgress> {
  return ((await unpacked(blobs, row, 'progress')) as RunProgress | undefined) ?? NO_PROGRESS;
}

export function recordColumns(record: RunRecord): Columns {
  return { v: FORMAT, writer: record.writer, run: JSON.stringify(record) };
}

/** @throws OutriderError `storage.unreadable` for a row of a format that this version does not know */
export function decodeRecord(row: Row): RunRecord {
  const { v, run } = row.columns;
  if (v === FORMAT && typeof run === 'string') return JSON.parse(run) as RunRecord;
  throw unknownFormat(`hunting run ${row.key}`, v, FORMAT);
}
