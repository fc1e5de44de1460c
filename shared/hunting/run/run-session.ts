import { isOutriderError, OutriderError } from '../../errors.ts';
import type { Columns, Row } from '../../storage.ts';
import type { RunStorage } from './dependencies.ts';
import { runKey } from './names.ts';
import {
  decodeRecord,
  packed,
  packedColumns,
  type RunInput,
  type RunProgress,
  type RunRecord,
  readInput,
  readProgress,
  recordColumns,
} from './record.ts';

/**
 * A run in the hands of one holder. Every write is conditional on the row's ETag, so that a holder that was overtaken,
 * or whose run was cancelled, writes nothing more.
 */
export interface RunSession {
  readonly record: RunRecord;
  input(): Promise<RunInput>;
  progress(): Promise<RunProgress>;
  /**
   * Writes the patch, one write at a time.
   *
   * @throws OutriderError `hunt.fenced` when somebody else has written since
   */
  commit(patch: Partial<RunRecord>, progress?: RunProgress): Promise<void>;
  /** Renews the holder's lease, behind the writes before; not if one of those gave it back. Errors as `commit`. */
  renewLease(untilMs: number): Promise<void>;
}

/** @returns undefined when there is no such run */
export async function openRun(
  storage: RunStorage,
  tenant: string,
  run: string,
  holder: string,
): Promise<RunSession | undefined> {
  const row = await storage.table.get(tenant, runKey(run));
  return row && sessionOf(storage, tenant, row, holder);
}

function sessionOf({ table, blobs }: RunStorage, tenant: string, row: Row, holder: string): RunSession {
  const key = row.key;
  const input = packedColumns(row, 'input');
  let progressColumns = packedColumns(row, 'progress');
  let record = decodeRecord(row);
  let etag = row.etag;
  let writes = 0;
  let last: Promise<void> = Promise.resolve();

  async function write(patch: Partial<RunRecord>, progress: RunProgress | undefined): Promise<void> {
    const writer = `${holder}.${++writes}`;
    if (progress)
      progressColumns = await packed(blobs, { run: record.id, column: 'progress', writer }, progress);
    const next = { ...record, ...patch, writer };
    etag = await replace({ ...input, ...progressColumns, ...recordColumns(next) }, writer);
    record = next;
  }

  async function replace(columns: Columns, writer: string): Promise<string> {
    try {
      return await table.transact(tenant, [{ op: 'replace', key, columns, etag }]);
    } catch (error) {
      // The answer may have been lost after the write took effect, or a retry of the SDK met its own first try.
      if (!isOutriderError(error, 'storage.conflict', 'storage.unavailable', 'storage.not_found'))
        throw error;
      const now = await table.get(tenant, key);
      if (now?.columns.writer === writer) return now.etag;
      if (now?.etag === etag) throw error;
      // A write before, whose fate could not be found out then: the run is still in these hands.
      if (now && isOwn(now)) {
        etag = now.etag;
        return replace(columns, writer);
      }
      throw new OutriderError(
        'hunt.fenced',
        `The hunting run ${record.id} is in other hands now, or has ended.`,
        {
          cause: error,
          tenant,
        },
      );
    }
  }

  const isOwn = ({ columns }: Row): boolean => String(columns.writer).startsWith(`${holder}.`);

  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  }

  return {
    get record() {
      return record;
    },
    input: () => readInput(blobs, row),
    progress: () => readProgress(blobs, row),
    commit: (patch, progress) => inTurn(() => write(patch, progress)),
    renewLease: (untilMs) =>
      inTurn(async () => {
        if (record.lease?.holder === holder) await write({ lease: { holder, untilMs } }, undefined);
      }),
  };
}
