/** Gives the one whom it is given all tenants, whatever their groups. */
export const ALL_TENANTS = '*';

/** Which groups of tenants a caller's object id, one of its security groups or one of its app roles gives it. */
export type TenantGroups = ReadonlyMap<string, readonly string[]>;
