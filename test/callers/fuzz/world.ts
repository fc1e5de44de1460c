import { CLOUDS } from '../../../shared/clouds.ts';
import type { Authenticate } from '../../../shared/http/authenticate.ts';
import { createAuthenticate } from '../../../shared/http/authenticate.ts';
import type { Access } from '../../../shared/http/authorize.ts';
import { createAccess } from '../../../shared/http/authorize.ts';
import { createTenantFor, type TenantFor } from '../../../shared/http/tenant-for.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import {
  API,
  CUSTOMER,
  createDirectories,
  type Directories,
  HOME,
  newKey,
  OTHER_CUSTOMER,
  type SigningKey,
  STRANGER,
} from '../directories.ts';

/** A customer that has been suspended. */
export const SUSPENDED = 'cccccccc-2222-4222-8222-222222222222';
/** A person of the own directory to whom the setting gives all tenants; one to whom it gives one group. */
export const OVERSEER = '55555555-3333-4333-8333-333333333333';
export const ANALYST = '66666666-3333-4333-8333-333333333333';
/** A security group of the own directory to which the setting gives one group of tenants. */
export const TEAM = '77777777-3333-4333-8333-333333333333';

/** Tenants of the deployment, and the groups that they are in. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  [CUSTOMER]: ['emea'],
  [OTHER_CUSTOMER]: ['apac'],
  [SUSPENDED]: ['emea'],
};
/** The setting: object id, security group or app role to groups. */
export const GIVEN: Readonly<Record<string, readonly string[]>> = {
  [OVERSEER]: ['*'],
  [ANALYST]: ['emea'],
  [TEAM]: ['apac'],
  Automation: ['emea', 'apac'],
};

/** The API's checks of callers, and the directories that issue tokens for it. */
export interface CallersWorld {
  readonly directories: Directories;
  readonly app: { readonly authenticate: Authenticate; readonly tenantFor: TenantFor } & Access;
}

/** Keys that the directories publish. */
export function createKeys(): ReadonlyMap<string, readonly SigningKey[]> {
  return new Map([
    [HOME, [newKey('home-1'), newKey('home-2')]],
    [CUSTOMER, [newKey('customer-1')]],
    [OTHER_CUSTOMER, [newKey('other-1')]],
    [SUSPENDED, [newKey('suspended-1')]],
    [STRANGER, [newKey('stranger-1')]],
  ]);
}

/** The real parts, on the wire's far side the directories alone. */
export function createWorld(keys: ReadonlyMap<string, readonly SigningKey[]>): CallersWorld {
  const directories = createDirectories();
  for (const [id, published] of keys) directories.keys.set(id, published);
  const all = Object.entries(GROUPS).map(
    ([id, groups]) => ({ id, groups, enabled: id !== SUSPENDED, cloud: 'global' }) as unknown as Tenant,
  );
  const tenants = { get: async (id: string) => all.find((tenant) => tenant.id === id.toLowerCase()) };
  const access = createAccess({ homeTenantId: HOME, tenantGroups: new Map(Object.entries(GIVEN)) });
  const authenticate = createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers: 'multi-tenant' },
    cloud: CLOUDS.global,
    clock: { now: Date.now },
    tenants,
  });
  return { directories, app: { ...access, authenticate, tenantFor: createTenantFor({ access, tenants }) } };
}
