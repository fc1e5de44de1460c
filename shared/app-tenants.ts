import type { Caller } from './caller.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { OutriderError } from './errors.ts';
import type { Action } from './http/actions.ts';
import { type Access, unknownTenant } from './http/authorize.ts';
import { readInvitationWish } from './http/invitation-request.ts';
import { readRegistration, readTenantPatch } from './http/tenant-request.ts';
import type { Log } from './log.ts';
import type { QueueSender, TableStore } from './storage.ts';
import type { Tenant } from './tenant.ts';
import { tenantMessage, tenantOfMessage } from './tenant-message.ts';
import type { TenantPlace } from './tenants/delete-data.ts';
import { createTenantDirectory, type RegistryDirectory } from './tenants/directory.ts';
import type { TenantRecord } from './tenants/record.ts';
import { createTenantRegistry, type TenantRegistry } from './tenants/registry.ts';
import { type RemovalDependencies, runRemoval } from './tenants/run-removal.ts';
import { resumeRemovals } from './tenants/stuck-removals.ts';

/** A tenant as those who manage tenants see it, with where it is kept. */
export type KnownTenant =
  | { readonly source: 'settings'; readonly tenant: Tenant }
  | { readonly source: 'registry'; readonly record: TenantRecord };

/** What functions call of tenants themselves. */
export interface Tenants {
  /** The union of settings and registry, as all parts of Outrider see it. */
  readonly directory: RegistryDirectory;
  readonly registry: TenantRegistry;
  /** What requests ask for, by the rules of what is stored: these are heavy, and no part of what a worker loads first. */
  readonly requests: {
    readonly registration: typeof readRegistration;
    readonly patch: typeof readTenantPatch;
    readonly invitation: typeof readInvitationWish;
  };
  /**
   * A tenant in whatever state, for a caller who may do this with it.
   *
   * @throws OutriderError `request.forbidden`, `tenant.unknown`, `storage.*`
   */
  knownFor(caller: Caller, action: Action, id: string): Promise<KnownTenant>;
  /**
   * What is kept of a tenant from before, of its data or its audit, is not for whoever registers it anew: a caller who is
   * given some groups of tenants alone may only bring in one that was never here, or that it sees already.
   *
   * @throws OutriderError `request.forbidden`, `storage.*`
   */
  requireNoPast(caller: Caller, id: string): Promise<void>;
  /**
   * All of them that the caller may see, in the order of their ids; and why others are left out, for a caller who sees
   * all.
   */
  allFor(
    caller: Caller,
    action: Action,
  ): Promise<{ readonly tenants: readonly KnownTenant[]; readonly problems: readonly string[] }>;
  removeFromMessage(log: Log, message: unknown): Promise<void>;
  recordPoisoned(log: Log, message: unknown): void;
  /** For the timer: removals that stand still go on. */
  resume(log: Log, lastMs: number | undefined): Promise<void>;
  /** For health: throws naming what keeps tenants out. */
  check(): Promise<void>;
}

export interface TenantsOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** Called on first use, so that a fault in a setting stops only what needs it. */
  readonly table: () => TableStore;
  readonly queue: () => QueueSender;
  /** Where data of tenants is kept. */
  readonly places: () => readonly TenantPlace[];
  readonly fence: RemovalDependencies['fence'];
  readonly access: Access;
  /** Is anything of this tenant stored, by a sync of any time? */
  readonly hasData: (tenant: string) => Promise<boolean>;
  /** Told of each tenant that has become active. */
  readonly onActivated: (tenant: Tenant) => Promise<void>;
}

/** The part of the composition root that is about tenants. */
export function createTenants(options: TenantsOptions): Tenants {
  const { config, clock, table, queue, places, fence, access } = options;
  const { cloud, vaultUrl, federationIdentityClientId, syncDefaults: defaults } = config;
  const context = { cloud: cloud.name, vaultUrl, federationIdentityClientId };
  // A cloud that was only guessed is shown nobody's credential, so nobody of the registry is served there.
  const isUsable = config.storage !== undefined && !config.faults.some(({ area }) => area === 'cloud');
  const directory = createTenantDirectory({
    configured: config.tenants,
    table: isUsable ? table : undefined,
    defaults,
    context,
    clock,
  });
  const { learn } = directory;
  const own = new Map(config.tenants.map((tenant) => [tenant.id, tenant]));
  const registry = createTenantRegistry({
    table,
    configured: new Set(own.keys()),
    context,
    defaults,
    clock,
    learn,
    onActivated: options.onActivated,
    startRemoval: (tenant) => queue().send(tenantMessage(tenant)),
  });

  return {
    directory,
    registry,
    requests: { registration: readRegistration, patch: readTenantPatch, invitation: readInvitationWish },
    async knownFor(caller, action, id) {
      access.authorize(caller, action, undefined);
      const known = own.get(id) ?? (await registry.get(id));
      if (!known) throw unknownTenant(id);
      access.authorize(caller, action, known);
      return 'revision' in known
        ? { source: 'registry', record: known }
        : { source: 'settings', tenant: known };
    },
    async requireNoPast(caller, id) {
      if (access.seesAll(caller)) return;
      const known = await registry.get(id);
      // It is in the caller's sight already, with all that is kept of it: that it is there is told by the registry.
      if (known && known.state !== 'offboarded' && access.sees(caller, known)) return;
      if (known === undefined && !(await options.hasData(id))) return;
      throw new OutriderError(
        'request.forbidden',
        `The tenant ${id} cannot be brought into a group by the caller ${caller.objectId}, who sees some groups of tenants alone: something of it is kept from before. Let a caller who sees all tenants register it.`,
        { tenant: id },
      );
    },
    async allFor(caller, action) {
      const { records, unreadable } = await registry.list();
      const all = [
        ...config.tenants.map((tenant) => ({ source: 'settings', tenant }) as const),
        ...records
          .filter(({ id }) => !own.has(id))
          .map((record) => ({ source: 'registry', record }) as const),
      ];
      const seen = new Set(access.visibleTenants(caller, action, all.map(factsOf)).map(({ id }) => id));
      const visible = all.filter((known) => seen.has(factsOf(known).id));
      return {
        tenants: visible.sort((a, b) => (factsOf(a).id < factsOf(b).id ? -1 : 1)),
        problems: access.seesAll(caller) ? unreadable : [],
      };
    },
    async removeFromMessage(log, message) {
      await runRemoval(
        { table: table(), places: places(), fence, queue: queue(), defaults, clock, learn, log },
        message,
      );
    },
    recordPoisoned: (log, message) =>
      log.error('tenant.removal_poisoned', { tenant: tenantOfMessage(message) }),
    async resume(log, lastMs) {
      await resumeRemovals({ records: directory.records, queue, log }, { lastMs, nowMs: clock.now() });
    },
    async check() {
      const problems = await directory.problems();
      if (problems.length > 0) throw new OutriderError('storage.unreadable', problems.join(' '));
    },
  };
}

/** What all of them have in common. */
function factsOf(known: KnownTenant): Pick<Tenant, 'id' | 'name' | 'groups'> {
  return known.source === 'registry' ? known.record : known.tenant;
}
