import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TableStore } from '../storage.ts';
import type { SyncSettings, Tenant } from '../tenant.ts';
import type { TenantContext } from '../tenant-schema.ts';
import { type AuditAction, type AuditEntry, readAudit } from './audit.ts';
import { changesOf, patched, type TenantPatch } from './changes.ts';
import { actionOf, newRecord, offboarded, stamped } from './next-record.ts';
import type { Actor, TenantFacts, TenantRecord } from './record.ts';
import {
  changedMeanwhile,
  exists,
  held,
  refuseConfigured,
  refused,
  refuseTaken,
  refuseTooLong,
  refuseUnusable,
  unknown,
} from './refusals.ts';
import { mayBecome, type TenantState } from './states.ts';
import { readTenant, readTenants, type StoredTenant, writeTenant } from './store.ts';
import { standsStill } from './stuck-removals.ts';
import { syncOf, tenantOf } from './tenant-of.ts';

/** Who asks for a change; the log is that of the request, whose correlation id it has. */
export interface By {
  readonly actor: Actor;
  readonly log: Log;
}

/**
 * Which revision a caller has seen: any, or one of these. Asked once the tenant is known to be one that can be changed
 * here; may throw where the caller does not say.
 */
export type Seen = () => 'any' | readonly number[];

/** A tenant to be registered. What is left out is as for a tenant of the settings. */
export interface Registration extends Partial<TenantPatch> {
  readonly id: string;
  readonly cloud?: string | undefined;
  readonly credential: TenantFacts['credential'];
  readonly state: TenantState;
}

export interface RegistryOptions {
  readonly table: () => TableStore;
  /** Ids of the tenants that settings name: nothing here changes those. */
  readonly configured: ReadonlySet<string>;
  readonly context: TenantContext;
  readonly defaults: SyncSettings;
  readonly clock: Pick<Clock, 'now'>;
  /** Told every record that was written, or read to be changed. */
  readonly learn: (record: TenantRecord) => void;
  /** Told of every tenant that has become active. Should it fail, the timer's next tick begins its sync. */
  readonly onActivated: (tenant: Tenant) => Promise<void>;
  /** Begins the deletion of a tenant's data. Should it fail, the timer does. */
  readonly startRemoval: (tenant: string) => Promise<void>;
}

/** The registered tenants. Every change is one transaction of the record and its audit. */
export interface TenantRegistry {
  /** All, in the order of their ids; those that cannot be read are left out and named. */
  list(): Promise<{ readonly records: readonly TenantRecord[]; readonly unreadable: readonly string[] }>;
  /** @throws OutriderError `storage.unreadable`, `storage.*` */
  get(id: string): Promise<TenantRecord | undefined>;
  /**
   * Registers a tenant, or one that was removed again.
   *
   * @throws OutriderError `tenant.configured`, `tenant.exists`, `tenant.state_refused` while its data is being deleted,
   * `request.invalid`, `storage.*`
   */
  register(registration: Registration, by: By): Promise<TenantRecord>;
  /**
   * Changes facts or state. A change that changes nothing writes nothing.
   *
   * @param seen what the caller has seen of it
   * @throws OutriderError `tenant.unknown`, `tenant.configured`, `tenant.state_refused`, `request.invalid`,
   * `request.precondition_failed`, `storage.*`
   */
  change(
    id: string,
    seen: Seen,
    patch: TenantPatch & { readonly state?: TenantState | undefined },
    by: By,
  ): Promise<TenantRecord>;
  /**
   * Takes the tenant out of service and begins to delete its data. Asked again it is the same removal, by the same
   * message unless it stands still.
   *
   * @throws OutriderError as `change`, and `tenant.held`
   */
  remove(id: string, seen: Seen, by: By): Promise<TenantRecord>;
  /** Newest first; also of a tenant that was removed. */
  audit(
    id: string,
    page: { readonly before?: number | undefined; readonly top: number },
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly more: boolean }>;
}

/** With `any` as what was seen, a change that meets another one is made once more. */
const TRIES = 4;

export function createTenantRegistry(options: RegistryOptions): TenantRegistry {
  const { table, configured, clock, learn, onActivated, startRemoval } = options;

  async function write(
    before: StoredTenant | undefined,
    next: TenantRecord,
    action: AuditAction,
    by: By,
  ): Promise<TenantRecord> {
    const { revision, changedMs: atMs, state } = next;
    const changes = changesOf(before?.record, next);
    const entry = { revision, atMs, by: by.actor, action, state, changes };
    await writeTenant(table(), next, entry, before?.etag);
    learn(next);
    by.log.info('tenant.audit', { tenant: next.id, action, state, revision, by: by.actor.objectId });
    return next;
  }

  async function activated(record: TenantRecord, { log }: By): Promise<void> {
    await afterwards(log, record.id, () => onActivated(tenantOf(record, options.defaults)));
  }

  async function change(
    id: string,
    seenBy: Seen,
    by: By,
    make: (record: TenantRecord) => { readonly next: TenantRecord; readonly action: AuditAction } | undefined,
  ): Promise<TenantRecord> {
    refuseConfigured(configured, id);
    const seen = seenBy();
    for (let attempt = 1; ; attempt += 1) {
      const before = await readTenant(table(), id);
      if (!before) throw unknown(id);
      // Also where nothing is to be changed: another instance may have done it.
      learn(before.record);
      if (seen !== 'any' && !seen.includes(before.record.revision)) throw changedMeanwhile(id);
      const made = make(before.record);
      if (!made) return before.record;
      try {
        return await write(before, stamped(made.next, before.record, by.actor, clock.now()), made.action, by);
      } catch (error) {
        if (!isOutriderError(error, 'storage.conflict')) throw error;
        if (seen !== 'any') throw changedMeanwhile(id);
        if (attempt === TRIES) throw error;
      }
    }
  }

  return {
    async list() {
      const { tenants, unreadable } = await readTenants(table());
      return {
        records: tenants.map(({ record }) => record),
        unreadable: unreadable.map(({ message }) => message),
      };
    },
    get: async (id) => (await readTenant(table(), id))?.record,
    async register(registration, by) {
      refuseConfigured(configured, registration.id);
      const before = await readTenant(table(), registration.id);
      refuseTaken(before?.record, registration);
      const record = newRecord(registration, before?.record, by.actor, options);
      refuseTooLong('tenant', record);
      try {
        await write(before, record, 'registered', by);
      } catch (error) {
        throw isOutriderError(error, 'storage.conflict') ? exists(record.id) : error;
      }
      if (record.state === 'active') await activated(record, by);
      return record;
    },
    async change(id, seen, { state: wanted, ...facts }, by) {
      let isNews = false;
      const record = await change(id, seen, by, (before) => {
        isNews = false;
        const state = wanted ?? before.state;
        if (before.state === 'offboarded' || !mayBecome(before.state, state)) throw refused(before, state);
        const next = { ...patched(before, facts), state };
        if (changesOf(before, next).length === 0) return undefined;
        refuseUnusable(next, options.context);
        if (hasFacts(facts)) refuseTooLong('tenant', next);
        isNews = state === 'active' && before.state !== 'active';
        return { next, action: actionOf(before.state, state) };
      });
      if (isNews) await activated(record, by);
      return record;
    },
    async remove(id, seen, by) {
      let isNews = false;
      const record = await change(id, seen, by, (before) => {
        isNews = before.state !== 'offboarded';
        if (!isNews) return undefined;
        if (syncOf(before, options.defaults).legalHold) throw held(before);
        return { next: offboarded(before, by.actor, clock.now()), action: 'offboarded' };
      });
      if (isNews || standsStill(record, clock.now())) await afterwards(by.log, id, () => startRemoval(id));
      return record;
    },
    audit: (tenant, page) => readAudit(table(), { tenant, ...page }),
  };
}

/** Nobody is kept from suspending a tenant by how much is kept of it. */
const hasFacts = (facts: TenantPatch): boolean => Object.values(facts).some((value) => value !== undefined);

/** The change is made, and its caller is told so: what follows from it is made up for by the timer when it fails. */
async function afterwards(log: Log, tenant: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn('tenant.follow_up_failed', { tenant, text: error instanceof Error ? error.message : undefined });
  }
}
