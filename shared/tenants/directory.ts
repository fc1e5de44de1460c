import type { Clock } from '../clock.ts';
import { isOutriderError } from '../errors.ts';
import type { TableStore } from '../storage.ts';
import type { SyncSettings, Tenant, TenantDirectory } from '../tenant.ts';
import { missingFor, type TenantContext, wrongCloud } from '../tenant-schema.ts';
import type { TenantRecord } from './record.ts';
import { readTenants } from './store.ts';
import { tenantOf } from './tenant-of.ts';

/** The list is read again at most so often, so a change made elsewhere is known everywhere after this. */
const FRESH_MS = 30_000;
/** A tenant that is not in the list may have been registered just now: then the list is read again after this. */
export const SOON_MS = 3_000;
/** After a read that failed, the next one waits so long: a storage that is away is not asked at every call. */
const ASK_AGAIN_MS = 5_000;
/**
 * While storage cannot be read, the last list is good for so long. Long enough for a failover of the account; short
 * enough that an instance which alone is cut off stops soon after a suspension that it cannot see.
 */
const LAST_GOOD_MS = 5 * 60_000;

/** The tenants of configuration and registry, with what the registry's own parts need besides. */
export interface RegistryDirectory extends TenantDirectory {
  /** As `get`; a tenant that may not be asked is looked up anew, for a message that may be the news of it. */
  getFresh(id: string): Promise<Tenant | undefined>;
  /** Takes note of a record that this process has just written. An older revision changes nothing. */
  learn(record: TenantRecord): void;
  /** What keeps tenants of the registry out: named in health. */
  problems(): Promise<readonly string[]>;
  /** The records, whatever their state, from memory. */
  records(): Promise<readonly TenantRecord[]>;
}

export interface DirectoryOptions {
  /** Those that settings name. They come first: the registry cannot change or hide them. */
  readonly configured: readonly Tenant[];
  /** The registry's table; undefined where no storage is configured. */
  readonly table: (() => TableStore) | undefined;
  readonly defaults: SyncSettings;
  readonly context: TenantContext;
  readonly clock: Pick<Clock, 'now'>;
}

interface List {
  /** When the read began: what was written after that may be missing. */
  readonly asOfMs: number;
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly unreadable: readonly string[];
  /** Those, and records that are whole and cannot be used. */
  readonly problems: readonly string[];
}

/**
 * The union of the tenants that settings name and of those that are registered, answered from memory. The list is
 * read when it is asked for and older than 30 seconds, by one read for all who wait.
 *
 * While storage is away the last list serves for five minutes; after that every tenant of the registry is refused
 * (`storage.*`), those of the settings are not. What this process knows of a record never goes back to an older
 * revision, whatever order reads and writes end in: one that was suspended stays so.
 */
export function createTenantDirectory(options: DirectoryOptions): RegistryDirectory {
  const { configured, table, clock } = options;
  const own = new Map(configured.map((tenant) => [tenant.id, tenant]));
  const newest = new Map<string, { readonly record: TenantRecord; readonly knownMs: number }>();
  let list: List = { asOfMs: Number.NEGATIVE_INFINITY, tenants: new Map(), unreadable: [], problems: [] };
  let reading: Promise<void> | undefined;
  let trouble: { readonly atMs: number; readonly error: unknown } | undefined;

  async function read(from: TableStore): Promise<void> {
    const asOfMs = clock.now();
    try {
      const { tenants, unreadable } = await readTenants(from);
      const there = new Set(tenants.map(({ record }) => record.id));
      for (const { record } of tenants) keep(record, asOfMs);
      // One that is not there was never whole, or was written by this process while the list was read.
      for (const [id, { knownMs }] of newest) if (!there.has(id) && knownMs < asOfMs) newest.delete(id);
      list = { ...listOf(unreadable.map(({ message }) => message)), asOfMs };
      trouble = undefined;
    } catch (error) {
      trouble = { atMs: clock.now(), error };
    }
  }

  function keep(record: TenantRecord, knownMs: number): void {
    const known = newest.get(record.id);
    const newer = known === undefined || known.record.revision <= record.revision;
    newest.set(record.id, newer ? { record, knownMs } : { record: known.record, knownMs });
  }

  function listOf(unreadable: readonly string[]): Omit<List, 'asOfMs'> {
    const tenants = new Map<string, Tenant>();
    const problems = [...unreadable];
    for (const { record } of newest.values()) {
      if (record.state === 'offboarded') continue;
      const problem = problemOf(record);
      if (problem === undefined) tenants.set(record.id, tenantOf(record, options.defaults));
      else problems.push(problem);
    }
    return { tenants, problems, unreadable };
  }

  function problemOf({ id, cloud, credential }: TenantRecord): string | undefined {
    if (own.has(id))
      return `The tenant ${id} is registered and named by the settings as well: the settings hold.`;
    const lack = wrongCloud(cloud, options.context) ?? missingFor(credential, options.context);
    return lack && `The registered tenant ${id} is left out: ${lack}`;
  }

  /** Reads again what is older than `mostMs`, unless that just failed. */
  async function upToDate(mostMs: number): Promise<List> {
    if (!table) return list;
    const resting = trouble !== undefined && clock.now() - trouble.atMs < ASK_AGAIN_MS;
    if (clock.now() - list.asOfMs >= mostMs && (reading || !resting)) {
      reading ??= read(table()).finally(() => {
        reading = undefined;
      });
      await reading;
    }
    if (trouble !== undefined && clock.now() - list.asOfMs >= LAST_GOOD_MS) throw trouble.error;
    return list;
  }

  async function find(id: string, mostMs: number): Promise<Tenant | undefined> {
    const key = id.toLowerCase();
    return own.get(key) ?? (await upToDate(mostMs)).tenants.get(key);
  }

  return {
    async list() {
      const { tenants } = await upToDate(FRESH_MS);
      return [...configured, ...tenants.values()];
    },
    get: async (id) => (await find(id, FRESH_MS)) ?? find(id, SOON_MS),
    async getFresh(id) {
      const known = await find(id, FRESH_MS);
      return known?.enabled ? known : find(id, SOON_MS);
    },
    learn(record) {
      keep(record, clock.now());
      list = { ...listOf(list.unreadable), asOfMs: list.asOfMs };
    },
    async problems() {
      try {
        return (await upToDate(FRESH_MS)).problems;
      } catch (error) {
        return [isOutriderError(error) ? error.message : 'The list of tenants cannot be read.'];
      }
    },
    async records() {
      await upToDate(FRESH_MS);
      return [...newest.values()].map(({ record }) => record);
    },
  };
}
