import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { StreamingBlobStore } from '../../storage.ts';
import type { Part } from './record.ts';
import { createRowBuffer } from './row-buffer.ts';

const compressAside = promisify(gzip);

/** Bytes of rows that become one gzip member: what a page of rows costs to reach into. */
const MEMBER_BYTES = 1024 * 1024;
/** Up to this a thread of its own costs more than it saves. */
const SMALL_BYTES = 64 * 1024;
/** Compressed bytes that are sent at once. */
const BLOCK_BYTES = 2 * 1024 * 1024;
/** A third of the time of the default level; the result is a few per cent larger. */
const LEVEL = 3;

/** Writes rows into one blob while they arrive. Only `close` makes the blob appear. */
export interface PartWriter {
  /** Rows as texts of one JSON object each; a line end between their tokens becomes a blank. */
  append(rows: readonly string[]): Promise<void>;
  rows(): number;
  /** Bytes of all rows so far, not compressed. */
  bytes(): number;
  /** Where it is now, to come back to. */
  mark(): Promise<Mark>;
  /** Forgets all rows since the mark. */
  rollback(mark: Mark): Promise<void>;
  /** All rows as NDJSON, if they are no more bytes than that. */
  small(mostBytes: number): string | undefined;
  /** Sends what is left, and makes the blob appear; undefined, and no blob, when there are no rows. */
  close(): Promise<Part | undefined>;
}

/** State of a writer; nothing in it changes once it is made. */
interface State {
  readonly rows: number;
  readonly bytes: number;
  /** Rows of the member to come. */
  readonly pendingRows: number;
  readonly members: Part['members'];
  /** Members that are compressed and not sent. */
  readonly waiting: readonly Buffer[];
  readonly blocks: readonly string[];
}

export interface Mark {
  readonly state: State;
  readonly pending: Buffer;
}

const EMPTY: State = { rows: 0, bytes: 0, pendingRows: 0, members: [], waiting: [], blocks: [] };

export function createPartWriter({
  blobs,
  name,
}: {
  readonly blobs: Pick<StreamingBlobStore, 'create'>;
  readonly name: string;
}): PartWriter {
  const blob = blobs.create(name);
  const pending = createRowBuffer();
  let state = EMPTY;
  /** The member that is being compressed and sent while more rows arrive; never rejects, failures are kept. */
  let flushing: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;

  async function settled(): Promise<void> {
    await flushing;
    if (failure) throw failure.error;
  }

  /** Begins only when the one before is settled: its bytes are the other buffer. */
  function startFlush(): void {
    const rows = state.pendingRows;
    state = { ...state, pendingRows: 0 };
    flushing = flush(pending.take(), rows).catch((error: unknown) => {
      failure = { error };
    });
  }

  async function flush(bytes: Buffer, rows: number): Promise<void> {
    const options = { level: LEVEL };
    const member =
      bytes.length <= SMALL_BYTES ? gzipSync(bytes, options) : await compressAside(bytes, options);
    const waiting = [...state.waiting, member];
    state = { ...state, waiting, members: [...state.members, [member.length, rows]] };
    if (waiting.reduce((sum, { length }) => sum + length, 0) >= BLOCK_BYTES) await send();
  }

  async function send(): Promise<void> {
    const id = await blob.stage(Buffer.concat(state.waiting));
    state = { ...state, waiting: [], blocks: [...state.blocks, id] };
  }

  return {
    async append(rows) {
      if (rows.length === 0) return;
      const before = pending.size();
      pending.write(`${linesOf(rows)}\n`);
      state = {
        ...state,
        rows: state.rows + rows.length,
        bytes: state.bytes + pending.size() - before,
        pendingRows: state.pendingRows + rows.length,
      };
      if (pending.size() < MEMBER_BYTES) return;
      await settled();
      startFlush();
    },
    rows: () => state.rows,
    bytes: () => state.bytes,
    async mark() {
      await settled();
      return { state, pending: pending.copy() };
    },
    async rollback(mark) {
      await settled();
      state = mark.state;
      pending.restore(mark.pending);
    },
    small: (mostBytes) =>
      state.bytes <= mostBytes && state.pendingRows === state.rows
        ? pending.copy().toString('utf8').trimEnd()
        : undefined,
    async close() {
      await settled();
      if (state.rows === 0) return undefined;
      if (state.pendingRows > 0) startFlush();
      await settled();
      if (state.waiting.length > 0) await send();
      await blob.commit(state.blocks);
      return { name, rows: state.rows, bytes: state.bytes, members: state.members };
    },
  };
}

/** A line end can only stand between tokens, where a blank means the same. */
function linesOf(rows: readonly string[]): string {
  const lines = rows.some((row) => row.includes('\n') || row.includes('\r'))
    ? rows.map((row) => row.replaceAll(/[\r\n]+/g, ' '))
    : rows;
  return lines.join('\n');
}
