import type { StreamingBlobStore } from '../../storage.ts';
import { partBlob } from './names.ts';
import { createPartWriter, type Mark, type PartWriter } from './part-writer.ts';
import type { Part, RunProgress } from './record.ts';

/** A result of at most so many bytes is kept in the run's row. */
const MOST_INLINE_BYTES = 16_000;
/** A part of so many bytes, not compressed, is closed, so that little is lost with the instance. */
const PART_BYTES = 64 * 1024 * 1024;

/** The rows of a run as one turn goes on writing them. */
export interface Result {
  /** Rows of all turns. */
  rows(): number;
  /** Of these rows as NDJSON, not compressed. */
  bytes(): number;
  append(rows: readonly string[]): Promise<void>;
  mark(): Promise<Mark>;
  rollback(mark: Mark): Promise<void>;
  /** True when the present part should be closed. */
  isLarge(): boolean;
  /** Closes the present part; gives the progress with it. */
  close(progress: RunProgress): Promise<RunProgress>;
  /** The same for the end of the run, where a small result needs no blob. */
  finish(progress: RunProgress): Promise<RunProgress>;
}

export function createResult({
  blobs,
  run,
  holder,
  parts: before,
}: {
  readonly blobs: Pick<StreamingBlobStore, 'create'>;
  readonly run: string;
  readonly holder: string;
  readonly parts: readonly Part[];
}): Result {
  let parts = before;
  let made = 0;
  let writer = newWriter();

  function newWriter(): PartWriter {
    return createPartWriter({ blobs, name: partBlob(run, holder, ++made) });
  }

  async function close(progress: RunProgress): Promise<RunProgress> {
    const part = await writer.close();
    writer = newWriter();
    if (part) parts = [...parts, part];
    return { ...progress, parts };
  }

  return {
    rows: () => parts.reduce((sum, { rows }) => sum + rows, writer.rows()),
    bytes: () => parts.reduce((sum, { bytes }) => sum + bytes, writer.bytes()),
    append: (rows) => writer.append(rows),
    mark: () => writer.mark(),
    rollback: (mark) => writer.rollback(mark),
    isLarge: () => writer.bytes() >= PART_BYTES,
    close,
    async finish(progress) {
      const inline = parts.length === 0 ? writer.small(MOST_INLINE_BYTES) : undefined;
      return inline === undefined ? close(progress) : { ...progress, parts, inline };
    },
  };
}
