import type { Log } from '../../shared/log.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import type { TenantContext } from '../../shared/tenant-schema.ts';
import { createTenantDirectory, type RegistryDirectory } from '../../shared/tenants/directory.ts';
import type { TenantRecord } from '../../shared/tenants/record.ts';
import { type By, createTenantRegistry, type TenantRegistry } from '../../shared/tenants/registry.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/tenant-with.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

export const guid = (n: number): string => `33333333-3333-4333-8333-${String(n).padStart(12, '0')}`;
export const CLIENT = guid(999);
export const DEFAULTS = tenantWith().sync;
export const CONTEXT: TenantContext = {
  cloud: 'global',
  vaultUrl: 'https://kv.vault.azure.net',
  federationIdentityClientId: guid(998),
};
export const BOSS = { kind: 'app', objectId: guid(997), tenantId: guid(996) } as const;
/** One that no test may have touched. */
export const CONFIGURED: Tenant = { ...tenantWith({}, guid(900)), name: 'Of the settings' };

export interface Instance {
  readonly directory: RegistryDirectory;
  readonly registry: TenantRegistry;
}

/** A registry in memory, in virtual time, as one or several instances of the app have it. */
export interface RegistryRig extends Instance {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly store: MemoryStore;
  readonly by: By;
  readonly events: { event: string; fields: object | undefined }[];
  /** Tenants that became active, in turn. */
  readonly activated: Tenant[];
  /** Another instance of the app on the same storage. */
  instance(options?: { readonly configured?: readonly Tenant[] }): Instance;
  register(n: number, more?: object): Promise<TenantRecord>;
}

export const any = () => 'any' as const;

export function createRegistryRig(clock = createVirtualClock()): RegistryRig {
  const store = createMemoryStore(clock);
  const events: RegistryRig['events'] = [];
  const activated: Tenant[] = [];
  const note = (event: string, fields?: object) => void events.push({ event, fields });
  const log: Log = { info: note, warn: note, error: note };

  function instance({ configured = [CONFIGURED] }: { readonly configured?: readonly Tenant[] } = {}) {
    const shared = { context: CONTEXT, defaults: DEFAULTS, clock };
    const directory = createTenantDirectory({ ...shared, configured, table: () => store.table });
    const registry = createTenantRegistry({
      ...shared,
      table: () => store.table,
      configured: new Set(configured.map(({ id }) => id)),
      learn: directory.learn,
      onActivated: async (tenant) => void activated.push(tenant),
      startRemoval: (tenant) => store.queue.send(tenantMessage(tenant)),
    });
    return { directory, registry };
  }

  const first = instance();
  const by = { actor: BOSS, log };
  return {
    ...first,
    clock,
    store,
    by,
    events,
    activated,
    instance,
    register: (n, more = {}) =>
      first.registry.register(
        { id: guid(n), credential: { kind: 'federated', clientId: CLIENT }, state: 'active', ...more },
        by,
      ),
  };
}
