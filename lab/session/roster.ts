import type { SessionTenant } from './events.ts';

/** The customers of a session: those that it began with, and those that have joined since. */
export interface Roster {
  /** As they came. */
  all(): readonly SessionTenant[];
  find(id: string): SessionTenant | undefined;
  /** Does nothing for one that is in already. */
  join(tenant: SessionTenant): void;
}

export function createRoster(tenants: readonly SessionTenant[]): Roster {
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  return {
    all: () => [...byId.values()],
    find: (id) => byId.get(id),
    join(tenant) {
      if (!byId.has(tenant.id)) byId.set(tenant.id, tenant);
    },
  };
}
