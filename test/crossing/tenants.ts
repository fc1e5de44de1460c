import type { Tenant } from '../../shared/tenant.ts';
import { SYNC_SETTINGS } from '../support/tenant-with.ts';

/** A tenant of the proof: everything that is its own carries its number. */
export interface CrossingTenant {
  readonly number: number;
  readonly tenant: Tenant;
  /** In every text that is the tenant's own: `crossing-042`. */
  readonly mark: string;
  readonly clientId: string;
  readonly secret: string;
}

/** Ids up to this one exist in every tenant, so that mixing up incidents with the same id shows too. */
const SHARED_IDS = 5;

/**
 * Half of the tenants have an app of their own; the others share one app, its secret and even their display name,
 * so that nothing but the tenant's id tells them apart. Every twentieth is read and asked by the Defender XDR API.
 */
export function crossingTenants(count: number): CrossingTenant[] {
  return Array.from({ length: count }, (_, index) => crossingTenant(index + 1));
}

function crossingTenant(number: number): CrossingTenant {
  const digits = String(number).padStart(3, '0');
  const own = number % 2 === 1;
  const secretName = own ? `secret-${digits}` : 'secret-shared';
  const api = number % 20 === 3 ? 'xdr' : 'graph';
  const clientId = `aaaaaaaa-0000-4000-8000-000000000${own ? digits : '000'}`;
  return {
    number,
    mark: `crossing-${digits}`,
    clientId,
    secret: `value of ${secretName}`,
    tenant: {
      id: `10000000-0000-4000-8000-000000000${digits}`,
      name: own ? `Customer ${digits}` : 'Customer',
      enabled: true,
      cloud: 'global',
      api,
      huntingApi: api,
      credential: { kind: 'secret', clientId, secretName },
      sync: SYNC_SETTINGS,
    },
  };
}

/** The id of a tenant's n-th incident; the first ones are the same in all tenants. */
export function incidentId({ number }: CrossingTenant, n: number): string {
  return n <= SHARED_IDS ? String(n) : String(number * 1_000 + n);
}

/** Whether an incident id may be the tenant's. */
export function mayBeOf({ number }: CrossingTenant, id: string): boolean {
  return Number(id) <= SHARED_IDS || Math.floor(Number(id) / 1_000) === number;
}

/** Marks and ids in a text that are another tenant's, or a person's of another. */
export function foreignIn(text: string, { mark, tenant }: CrossingTenant): string[] {
  const found = text.match(/crossing-\d{3}|person-\d{3}|10000000-0000-4000-8000-\d{12}/g) ?? [];
  const person = mark.replace('crossing', 'person');
  return [...new Set(found)].filter((name) => name !== mark && name !== person && name !== tenant.id);
}
