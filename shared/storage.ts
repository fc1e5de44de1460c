/**
 * What the domains need of Azure Storage, as small ports. The adapters are in shared/state; tests run the same
 * contract suite on them (Azurite) and on an in-memory store that enforces Azure's limits.
 * Errors are OutriderErrors `storage.*`; a failed precondition is `storage.conflict`.
 */

/** A table row's own columns. Times are padded text, never Edm.DateTime, which loses digits. */
export type Columns = Readonly<Record<string, string | number | boolean>>;

/** A row as read, with the ETag that a later write must name. */
export interface Row {
  readonly key: string;
  readonly etag: string;
  readonly columns: Columns;
}

/**
 * One write of a transaction. `insert` fails if the row is there, `replace` names the ETag it read. `put` (insert or
 * replace) and `drop` (delete) name none: they are for rows whose order the conditional fence row of the same
 * transaction decides. A `drop` of a row that is not there fails the transaction (`storage.not_found`), as Azure
 * does.
 */
export type RowWrite =
  | { readonly op: 'insert'; readonly key: string; readonly columns: Columns }
  | { readonly op: 'replace'; readonly key: string; readonly columns: Columns; readonly etag: string }
  | { readonly op: 'put'; readonly key: string; readonly columns: Columns }
  | { readonly op: 'drop'; readonly key: string };

/** Azure's limits of one entity-group transaction. */
export const TRANSACTION_LIMITS = {
  operations: 100,
  bytes: 4 * 1024 * 1024,
  propertyBytes: 64 * 1024,
} as const;

/** A table. Partition and row keys must not hold `/ \ # ?` or control characters. */
export interface TableStore {
  /** The row, or undefined. */
  get(partition: string, key: string): Promise<Row | undefined>;
  /**
   * Rows with `from <= key < to`, in key order, read a page at a time; `pageSize` at most 1,000.
   * Stops when the consumer stops.
   */
  range(
    partition: string,
    from: string,
    to: string,
    options?: { readonly pageSize?: number; readonly select?: readonly string[] },
  ): AsyncIterable<readonly Row[]>;
  /**
   * All writes or none. Returns the new ETag of the first write's row: the fence.
   *
   * @throws OutriderError `storage.conflict` when an ETag does not match or a row to insert exists;
   * `storage.not_found` when a row to replace or drop is gone.
   */
  transact(partition: string, writes: readonly RowWrite[]): Promise<string>;
}

/** Blobs of one container. Names use `/` as separator. */
export interface BlobStore {
  /** Writes the blob whole, over whatever is there. */
  put(name: string, content: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<void>;
  /** The content, or undefined when there is no such blob. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names under a prefix, with ETag and age, in name order, a page at a time. */
  list(
    prefix: string,
  ): AsyncIterable<readonly { readonly name: string; readonly etag: string; readonly modifiedMs: number }[]>;
  /** Deletes if the ETag still matches; false when it changed or the blob is gone. */
  deleteIf(name: string, etag: string): Promise<boolean>;
}

/** Blobs that are too large to be held whole. */
export interface StreamingBlobStore extends BlobStore {
  /**
   * Starts a blob that is written block by block and appears whole, or not at all, with `commit`. Nothing is sent
   * before the first block.
   */
  create(name: string): BlobWriter;
  /**
   * The bytes from `from` to one before `to` (default: the blob's end) as they arrive.
   *
   * @throws OutriderError `storage.not_found`, from the first read
   */
  read(name: string, range?: { readonly from?: number; readonly to?: number }): AsyncIterable<Uint8Array>;
}

/** One blob in the making. Blocks that are not committed are forgotten by the service after a week. */
export interface BlobWriter {
  /** Stores a block, at most 4,000 MiB, and gives back its id. */
  stage(block: Uint8Array): Promise<string>;
  /** Makes the blob of these blocks, in this order, over whatever is there; at most 50,000. */
  commit(blocks: readonly string[], metadata?: Readonly<Record<string, string>>): Promise<void>;
}

/** A queue to send to; Functions receives. */
export interface QueueSender {
  /** Sends one message: `delaySeconds` until it is visible, `liveSeconds` until it expires (default 7 days). */
  send(
    text: string,
    options?: { readonly delaySeconds?: number; readonly liveSeconds?: number },
  ): Promise<void>;
}
