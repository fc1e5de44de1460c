import type { SyncStatus } from '../../shared/incidents/status.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';

export const MANAGE = { roles: ['Tenants.Read', 'Tenants.Manage'] };
export const READ = { roles: ['Tenants.Read'] };

/** As the API shows a tenant. */
export interface TenantAnswer {
  readonly tenantId: string;
  readonly name: string;
  readonly source: string;
  readonly state: string;
  readonly sync: Readonly<Record<string, unknown>>;
  readonly removal?: { readonly done: boolean; readonly notDoneBefore?: string };
}

export const at = (id: string, more = ''): string => `/api/tenants/${id}${more}`;

/** The app with one tenant of its settings, and a customer that is registered by the tests. */
export interface TenantsLab {
  readonly app: OutriderApp;
  readonly configured: string;
  readonly customer: string;
  readonly credential: object;
  register(body: object, options?: CallOptions): Promise<Answer>;
  change(id: string, body: object, etag: string): Promise<Answer>;
  remove(id: string, etag: string): Promise<Answer>;
  etagOf(id: string): Promise<string>;
  /** What the customer's Defender has answered so far. */
  apiCalls(): number;
  statusOf(): Promise<Answer>;
  untilIncidents(count: number): Promise<SyncStatus>;
}

export async function startTenantsLab(): Promise<TenantsLab> {
  const app = await startOutrider({
    // What settings name is synced once a day: nothing here comes from the timer.
    settings: ({ env }) => ({
      OUTRIDER_TENANTS: JSON.stringify(JSON.parse(env.OUTRIDER_TENANTS ?? '').slice(0, 1)),
      OUTRIDER_INTERVAL_MINUTES: '1440',
    }),
  });
  const [first, second] = app.cloud.world.tenants;
  const customer = second?.id ?? '';
  const statusOf = (): Promise<Answer> => app.call(at(customer, '/sync'), { roles: ['Incidents.Read'] });

  return {
    app,
    configured: first?.id ?? '',
    customer,
    credential: second?.credential ?? {},
    register: (body, options = MANAGE) => app.call('/api/tenants', { ...options, method: 'POST', body }),
    change: (id, body, etag) =>
      app.call(at(id), { ...MANAGE, method: 'PATCH', body, headers: { 'if-match': etag } }),
    remove: (id, etag) => app.call(at(id), { ...MANAGE, method: 'DELETE', headers: { 'if-match': etag } }),
    etagOf: async (id) => (await app.call(at(id), READ)).headers.get('etag') ?? '',
    apiCalls: () => app.cloud.tenants().find(({ id }) => id === customer)?.apiCalls ?? 0,
    statusOf,
    untilIncidents(count) {
      let seen = '';
      return waitFor(
        async () => {
          seen = (await statusOf()).text;
          const status = JSON.parse(seen) as SyncStatus;
          if (status.failing) throw new Error(seen);
          return status.incidents >= count && status.run === undefined ? status : undefined;
        },
        () => seen,
      );
    },
  };
}
