import { gunzipSync, gzipSync } from 'node:zlib';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { BlobStore, Row, RowWrite, TableStore } from '../storage.ts';
import { unknownFormat } from '../stored-format.ts';
import type { Tenant } from '../tenant.ts';
import { STATE_KEY, stateBlobFolder } from './keys.ts';
import { FORMAT, isRemoved, type Seen, type SyncState, stateFor, type TenantMemory } from './state.ts';

/** Above this many characters what was seen goes to a blob: a table property holds 32 Ki characters. */
const SEEN_IN_ROW = 24_000;

/**
 * A tenant's state in the hands of one run. Changes are staged, and written by `commit` together with rows, in
 * one transaction that is conditional on the state row's ETag: the fence. A run that was overtaken writes nothing.
 */
export interface Session {
  /** As staged so far. */
  readonly memory: TenantMemory;
  stage(patch: Partial<SyncState>): void;
  stageSeen(which: 'seen' | 'seenAlerts', seen: Seen): void;
  /**
   * Writes the rows and the staged state: all or nothing.
   *
   * @throws OutriderError `sync.fenced` when another run has written since; `storage.conflict` when the fence
   * held but a row was not as expected.
   */
  commit(writes: readonly RowWrite[]): Promise<void>;
}

interface SessionOptions {
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly tenant: string;
  /** Which registration of the tenant writes. */
  readonly generation?: number | undefined;
  /** Unique to the run. */
  readonly run: string;
  /** The lease that each write renews, while it is this holder's: until when, in milliseconds since 1970. */
  readonly lease?: { readonly holder: string; readonly untilMs: () => number };
}

/** Reads a tenant's state; `initial` is what an unknown tenant starts with. Nothing is written. */
export async function openSession(options: SessionOptions, initial: SyncState): Promise<Session> {
  const { table, tenant } = options;
  const row = await table.get(tenant, STATE_KEY);
  let etag = row?.etag;
  const stored = row && (await decodeMemory(options, row));
  const state = stateFor(stored?.state, initial, options.generation);
  let memory: TenantMemory =
    stored && state === stored.state ? stored : { state, seen: new Map(), seenAlerts: new Map() };
  let writes = 0;

  return {
    get memory() {
      return memory;
    },
    stage(patch) {
      memory = { ...memory, state: { ...memory.state, ...patch } };
    },
    stageSeen(which, seen) {
      memory = { ...memory, [which]: seen };
    },
    async commit(rows) {
      const state = {
        ...memory.state,
        ...renewedLease(options, memory.state),
        writer: `${options.run}.${++writes}`,
      };
      const columns = await encodeMemory(options, { ...memory, state });
      const fence: RowWrite = etag
        ? { op: 'replace', key: STATE_KEY, columns, etag }
        : { op: 'insert', key: STATE_KEY, columns };
      etag = await transactFenced(options, [fence, ...rows], etag, state.writer);
      memory = { ...memory, state };
    },
  };
}

/** The state alone, for readers; undefined for a tenant that was not synced in this registration. */
export async function readState(
  table: TableStore,
  tenant: string,
  generation?: Tenant['generation'],
): Promise<SyncState | undefined> {
  const row = await table.get(tenant, STATE_KEY);
  const state = row && decodeState(tenant, row);
  return state?.removedMs !== undefined && !isRemoved(state, generation) ? undefined : state;
}

function renewedLease({ lease: own }: SessionOptions, { lease }: SyncState): Partial<SyncState> {
  return own && lease?.holder === own.holder ? { lease: { ...lease, untilMs: own.untilMs() } } : {};
}

async function transactFenced(
  { table, tenant }: SessionOptions,
  writes: readonly RowWrite[],
  etagBefore: string | undefined,
  writer: string,
): Promise<string> {
  try {
    return await table.transact(tenant, writes);
  } catch (error) {
    // The answer may have been lost after the write took effect, or a retry of the SDK met its own first try.
    if (!isOutriderError(error, 'storage.conflict', 'storage.unavailable', 'storage.not_found')) throw error;
    const now = await table.get(tenant, STATE_KEY);
    if (now && now.columns.writer === writer) return now.etag;
    if (now?.etag === etagBefore) throw error;
    throw new OutriderError(
      'sync.fenced',
      `Another run of tenant ${tenant} has written since this one read.`,
      {
        cause: error,
        tenant,
      },
    );
  }
}

async function encodeMemory(
  { blobs, tenant }: SessionOptions,
  { state, seen, seenAlerts }: TenantMemory,
): Promise<Record<string, string | number>> {
  const text = JSON.stringify({ i: [...seen], a: [...seenAlerts] });
  const columns = { v: FORMAT, writer: state.writer, state: JSON.stringify(state) };
  if (text.length <= SEEN_IN_ROW) return { ...columns, seen: text };
  const name = `${stateBlobFolder(tenant)}${state.writer}.json.gz`;
  await blobs.put(name, gzipSync(text), { v: String(FORMAT) });
  return { ...columns, seenBlob: name };
}

/** @throws OutriderError `storage.unreadable` for a format that this version does not know */
export function decodeState(tenant: string, row: Row): SyncState {
  const { v, state } = row.columns;
  if (v === FORMAT && typeof state === 'string') return JSON.parse(state) as SyncState;
  throw unknownFormat(`state of tenant ${tenant}`, v, FORMAT, tenant);
}

async function decodeMemory({ blobs, tenant }: SessionOptions, row: Row): Promise<TenantMemory> {
  const { seen, seenBlob } = row.columns;
  let text = typeof seen === 'string' ? seen : undefined;
  if (typeof seenBlob === 'string') {
    const content = await blobs.get(seenBlob);
    // Only saves work: without it the overlap window is compared with the rows themselves.
    text = content && gunzipSync(content).toString();
  }
  const parsed = text
    ? (JSON.parse(text) as { i: [string, string][]; a: [string, string][] })
    : { i: [], a: [] };
  return { state: decodeState(tenant, row), seen: new Map(parsed.i), seenAlerts: new Map(parsed.a) };
}
