import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import { type Log, withFields } from '../log.ts';
import type { QueueSender, TableStore } from '../storage.ts';
import type { SyncSettings } from '../tenant.ts';
import { tenantMessage, tenantOfMessage } from '../tenant-message.ts';
import type { AuditEntry } from './audit.ts';
import { deleteData, type TenantPlace } from './delete-data.ts';
import type { Removal, TenantRecord } from './record.ts';
import { readTenant, type StoredTenant, writeTenant } from './store.ts';
import { syncOf } from './tenant-of.ts';

export interface RemovalDependencies {
  /** The registry's own. */
  readonly table: TableStore;
  readonly places: readonly TenantPlace[];
  /** From here on no run of this registration of the tenant, however old, can store an incident. May be called again. */
  readonly fence: (tenant: Pick<TenantRecord, 'id' | 'generation'>) => Promise<void>;
  readonly queue: QueueSender;
  readonly defaults: SyncSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly learn: (record: TenantRecord) => void;
  readonly log: Log;
  /** For one message, in milliseconds. Default 2 minutes. */
  readonly budgetMs?: number;
}

/** What became of one message. */
export type RemovalOutcome =
  | 'done'
  /** It goes on in a message that was sent. */
  | 'more'
  /** All is deleted once, and will be once more when nobody can be at work any more. */
  | 'waiting'
  /** A legal hold was set meanwhile: nothing is deleted while it is, and the timer looks again. */
  | 'held'
  /** Nothing to do: done before, registered again, or in other hands. */
  | 'ended'
  | 'foreign';

const BUDGET_MS = 2 * 60_000;

/**
 * One message of the queue of removals. Rows and blobs are deleted a slice at a time, whatever is found: so a run that
 * dies, comes twice or overlaps with another has nothing to remember. What was in flight when the tenant was removed
 * may store something behind the first pass; a second one follows when nothing can be in flight any more, and then
 * the removal is done.
 *
 * @throws OutriderError `storage.*`: our own trouble, for the queue to try again
 */
export async function runRemoval(
  dependencies: RemovalDependencies,
  message: unknown,
): Promise<RemovalOutcome> {
  const { table, queue, clock, defaults } = dependencies;
  const id = tenantOfMessage(message);
  if (id === undefined) {
    dependencies.log.error('tenant.foreign_message');
    return 'foreign';
  }
  const log = withFields(dependencies.log, { tenant: id });
  const before = await readTenant(table, id);
  const removal = before?.record.removal;
  if (!before || !removal || removal.doneMs !== undefined) return 'ended';
  if (syncOf(before.record, defaults).legalHold) {
    log.warn('tenant.removal_held');
    return 'held';
  }
  const waitMs = removal.pass === 1 ? 0 : removal.quietUntilMs - clock.now();
  if (waitMs > 0) return later(queue, id, waitMs);
  await dependencies.fence(before.record);
  return pass({ ...dependencies, log }, before, removal);
}

async function pass(
  dependencies: RemovalDependencies,
  before: StoredTenant,
  removal: Removal,
): Promise<RemovalOutcome> {
  const { places, clock, queue, log, budgetMs = BUDGET_MS } = dependencies;
  const { id } = before.record;
  const began = clock.now();
  const mayGoOn = async (): Promise<boolean> =>
    clock.now() - began <= budgetMs && (await isUnderWay(dependencies, before.record));
  const deleted = await deleteData(places, id, mayGoOn);
  const now = clock.now();
  const counts = {
    ...removal.counts,
    rows: removal.counts.rows + deleted.rows,
    blobs: removal.counts.blobs + deleted.blobs,
  };
  const got = { ...removal, counts, progressMs: now };
  log.info('tenant.removal', { ...counts, pass: removal.pass, whole: deleted.whole });
  if (!deleted.whole) {
    if (!(await save(dependencies, before, got))) return 'ended';
    await queue.send(tenantMessage(id));
    return 'more';
  }
  if (removal.pass === 1 && removal.quietUntilMs > now) {
    if (!(await save(dependencies, before, { ...got, pass: 2 }))) return 'ended';
    return later(queue, id, removal.quietUntilMs - now);
  }
  return (await save(dependencies, before, { ...got, doneMs: now })) ? 'done' : 'ended';
}

/**
 * Is it this removal still? Another message of it may have ended it meanwhile, and the tenant may have been registered
 * again: what is found then is no longer the removed one's.
 */
async function isUnderWay(
  { table }: RemovalDependencies,
  { id, generation }: TenantRecord,
): Promise<boolean> {
  const now = (await readTenant(table, id))?.record;
  return now?.generation === generation && now.removal !== undefined && now.removal.doneMs === undefined;
}

/**
 * Writes how far it has come, with the end as an entry of the audit.
 *
 * @returns false when another run of the same removal was faster: that one goes on
 */
async function save(
  { table, clock, learn, log }: RemovalDependencies,
  { record, etag }: StoredTenant,
  removal: Removal,
): Promise<boolean> {
  const atMs = clock.now();
  const by = { kind: 'outrider' } as const;
  const revision = record.revision + 1;
  const done = removal.doneMs !== undefined;
  const next: TenantRecord = { ...record, revision, changedMs: atMs, changedBy: by, removal };
  const change = { field: 'removal', to: { counts: removal.counts } };
  const entry: AuditEntry = {
    revision,
    atMs,
    by,
    action: 'removed',
    state: record.state,
    changes: [change],
  };
  try {
    await writeTenant(table, next, done ? entry : undefined, etag);
  } catch (error) {
    if (isOutriderError(error, 'storage.conflict')) return false;
    throw error;
  }
  learn(next);
  if (done) log.info('tenant.removed', { ...removal.counts });
  return true;
}

async function later(queue: QueueSender, id: string, waitMs: number): Promise<'waiting'> {
  await queue.send(tenantMessage(id), { delaySeconds: Math.ceil(waitMs / 1_000) });
  return 'waiting';
}
