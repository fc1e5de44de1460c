import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { StreamingBlobStore } from '../../storage.ts';
import type { Part } from './record.ts';

const compressAside = promisify(gzip);

/** Characters of rows that become one gzip member: what a page of rows costs to reach into. */
const MEMBER_CHARS = 1024 * 1024;
/** Up to this a thread of its own costs more than it saves. */
const SMALL_CHARS = 64 * 1024;
/** Compressed bytes that are sent at once. */
const BLOCK_BYTES = 2 * 1024 * 1024;
/** Fastest level whose result is not half as large again as that of the default. */
const LEVEL = 3;

/** Writes rows into one blob while they arrive. Only `close` makes the blob appear. */
export interface PartWriter {
  /** Rows as texts of one JSON object each; a line end between their tokens becomes a blank. */
  append(rows: readonly string[]): Promise<void>;
  rows(): number;
  /** Characters of all rows so far. */
  chars(): number;
  /** Where it is now, to come back to. */
  mark(): Promise<Mark>;
  /** Forgets all rows since the mark. */
  rollback(mark: Mark): Promise<void>;
  /** All rows as NDJSON, if nothing was sent yet and they have at most so many characters. */
  small(mostChars: number): string | undefined;
  /** Sends what is left, and makes the blob appear; undefined, and no blob, when there are no rows. */
  close(): Promise<Part | undefined>;
}

/** State of a writer; nothing in it changes once it is made. */
interface State {
  readonly rows: number;
  readonly chars: number;
  /** Rows of the member to come. */
  readonly pending: readonly string[];
  readonly pendingChars: number;
  readonly members: Part['members'];
  /** Members that are compressed and not sent. */
  readonly waiting: readonly Buffer[];
  readonly blocks: readonly string[];
}

export interface Mark {
  readonly state: State;
}

const EMPTY: State = {
  rows: 0,
  chars: 0,
  pending: [],
  pendingChars: 0,
  members: [],
  waiting: [],
  blocks: [],
};

export function createPartWriter({
  blobs,
  name,
}: {
  readonly blobs: StreamingBlobStore;
  readonly name: string;
}): PartWriter {
  const blob = blobs.create(name);
  let state = EMPTY;
  let pending: string[] = [];
  /** The member that is being compressed and sent while more rows arrive; never rejects, failures are kept. */
  let flushing: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;

  async function settled(): Promise<void> {
    await flushing;
    if (failure) throw failure.error;
  }

  function startFlush(): void {
    const rows = pending;
    pending = [];
    state = { ...state, pendingChars: 0 };
    flushing = flush(rows).catch((error: unknown) => {
      failure = { error };
    });
  }

  async function flush(rows: readonly string[]): Promise<void> {
    const text = `${rows.join('\n')}\n`;
    const options = { level: LEVEL };
    const member = text.length <= SMALL_CHARS ? gzipSync(text, options) : await compressAside(text, options);
    const waiting = [...state.waiting, member];
    state = { ...state, waiting, members: [...state.members, [member.length, rows.length]] };
    if (waiting.reduce((sum, { length }) => sum + length, 0) >= BLOCK_BYTES) await send();
  }

  async function send(): Promise<void> {
    const id = await blob.stage(Buffer.concat(state.waiting));
    state = { ...state, waiting: [], blocks: [...state.blocks, id] };
  }

  return {
    async append(rows) {
      let chars = 0;
      for (const row of rows) {
        chars += row.length + 1;
        pending.push(/[\r\n]/.test(row) ? row.replaceAll(/[\r\n]+/g, ' ') : row);
      }
      state = {
        ...state,
        rows: state.rows + rows.length,
        chars: state.chars + chars,
        pendingChars: state.pendingChars + chars,
      };
      if (state.pendingChars < MEMBER_CHARS) return;
      await settled();
      startFlush();
    },
    rows: () => state.rows,
    chars: () => state.chars,
    async mark() {
      await settled();
      return { state: { ...state, pending: [...pending] } };
    },
    async rollback(mark) {
      await settled();
      state = mark.state;
      pending = [...mark.state.pending];
    },
    small: (mostChars) =>
      state.chars <= mostChars && state.chars === state.pendingChars ? pending.join('\n') : undefined,
    async close() {
      await settled();
      if (state.rows === 0) return undefined;
      if (pending.length > 0) startFlush();
      await settled();
      if (state.waiting.length > 0) await send();
      await blob.commit(state.blocks);
      return { name, rows: state.rows, members: state.members };
    },
  };
}
