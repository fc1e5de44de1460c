import { AsyncLocalStorage } from 'node:async_hooks';
import type { Directory, DirectoryApp } from '../../lab/entra/directory.ts';
import type { Tenant } from '../../shared/tenant.ts';

/** A tenant of the proof: everything that is its own carries its number. */
export interface CrossingTenant {
  readonly number: number;
  readonly tenant: Tenant;
  /** In every text that is the tenant's own: `crossing-042`. */
  readonly mark: string;
  readonly clientId: string;
  readonly secret: string;
}

/** In whose name the code at hand runs: whatever it sends or stores must be this tenant's. */
export const actingFor = new AsyncLocalStorage<CrossingTenant>();

/** Ids up to this one exist in every tenant, so that mixing up incidents with the same id shows too. */
export const SHARED_IDS = 5;

const GRAPH = ['SecurityIncident.Read.All', 'SecurityAlert.Read.All'];
const XDR = ['Incident.Read.All'];
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Half of the tenants have an app of their own; the others share one app, its secret and even their display name,
 * so that nothing but the tenant's id tells them apart. Every twentieth is read by the Defender XDR API.
 */
export function crossingTenants(count: number): CrossingTenant[] {
  return Array.from({ length: count }, (_, index) => crossingTenant(index + 1));
}

function crossingTenant(number: number): CrossingTenant {
  const digits = String(number).padStart(3, '0');
  const own = number % 2 === 1;
  const secretName = own ? `secret-${digits}` : 'secret-shared';
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
      api: number % 20 === 3 ? 'xdr' : 'graph',
      credential: { kind: 'secret', clientId, secretName },
      sync: {
        intervalMinutes: 5,
        backfillDays: 30,
        overlapMinutes: 10,
        historyDays: 90,
        resolvedDays: 365,
        legalHold: false,
      },
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

/** Marks and tenant ids in a text that are another tenant's. */
export function foreignIn(text: string, of: CrossingTenant): string[] {
  const found = text.match(/crossing-\d{3}|10000000-0000-4000-8000-\d{12}/g) ?? [];
  return [...new Set(found)].filter((name) => name !== of.mark && name !== of.tenant.id);
}

/** These tenants as Entra ID knows them. */
export function crossingDirectory(tenants: readonly CrossingTenant[]): Directory {
  const apps = new Map<string, DirectoryApp>();
  for (const { tenant, clientId, secret } of tenants) {
    const app = apps.get(clientId) ?? newApp(clientId, tenant.id, secret);
    app.grants[tenant.id] = {
      'https://graph.microsoft.com': GRAPH,
      'https://api.security.microsoft.com': XDR,
    };
    apps.set(clientId, app);
  }
  return {
    tenants: tenants.map(({ tenant: { id, name } }) => ({ id, name })),
    apps: [...apps.values()],
    users: [],
    managedIdentities: [],
  };
}

function newApp(appId: string, homeTenantId: string, secret: string): DirectoryApp {
  return {
    appId,
    homeTenantId,
    displayName: appId,
    secrets: [{ value: secret, expiresAt: NEVER }],
    certificates: [],
    federated: [],
    grants: {},
  };
}
