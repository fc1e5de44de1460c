/**
 * Where a registered tenant stands. Only an `active` one ever gets a token.
 *
 * - `invited`: a link was made for its admin
 * - `consented`: a token for it was issued once, and its roles were read
 * - `active`: synced and hunted in
 * - `suspended`: nothing is asked of it; what is stored stays and can be read
 * - `offboarded`: its data is deleted, or being deleted; the record and the audit stay
 */
export const TENANT_STATES = ['invited', 'consented', 'active', 'suspended', 'offboarded'] as const;

export type TenantState = (typeof TENANT_STATES)[number];

/** What may follow. An offboarded tenant is left only by registering it again, which begins like a new one. */
const NEXT: Readonly<Record<TenantState, readonly TenantState[]>> = {
  invited: ['consented', 'offboarded'],
  consented: ['active', 'offboarded'],
  active: ['suspended', 'offboarded'],
  suspended: ['active', 'offboarded'],
  offboarded: [],
};

/** How a registration may begin. */
const FIRST: readonly TenantState[] = ['invited', 'active', 'suspended'];

/** May a tenant go from one state to the other? Staying is no change and always right. */
export function mayBecome(from: TenantState, to: TenantState): boolean {
  return from === to || NEXT[from].includes(to);
}

/**
 * May a tenant be registered in this state?
 *
 * @param before its last registration; undefined for a tenant that never was registered
 */
export function mayBegin(
  before: { readonly state: TenantState; readonly removed: boolean } | undefined,
  first: TenantState,
): boolean {
  const free = before === undefined || (before.state === 'offboarded' && before.removed);
  return free && FIRST.includes(first);
}
