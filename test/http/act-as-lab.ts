import type { Cloud } from '../../lab/cloud.ts';
import type { DirectoryApp, DirectoryTenant } from '../../lab/entra/directory.ts';
import type { UserTokenOptions } from '../../lab/user-token.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';

export const QUERY = 'DeviceEvents | project Timestamp, DeviceName, ReportId';
export const AS_USER = { 'outrider-act-as': 'user' };
export const GRAPH = 'https://graph.microsoft.com';
const XDR = 'https://api.security.microsoft.com';

export interface UserCall extends CallOptions {
  readonly as?: UserTokenOptions;
}

/** Requests that stand-ins have had since. */
export interface Watch {
  /** At the token endpoint. */
  exchanges(): number;
  /** With this in their path. */
  calls(part: string): number;
}

/** The app, customers whose users may call it, and a new incident for every test. */
export interface ActAsLab {
  readonly app: OutriderApp;
  readonly tenant: string;
  /** Its incidents and hunts go through the Defender XDR API. */
  readonly other: string;
  /** Here the app may not change incidents. */
  readonly third: string;
  /** Of the first tenant: the last that `renew` has made. */
  readonly incident: string;
  /** Makes a new incident, and takes policies and challenges away. */
  renew(): void;
  /** A call with the token of a person: of the tenant's operator, without any app role. */
  callAs(call: UserCall, path: string): Promise<Answer>;
  hunt(body: object, options?: UserCall): Promise<Answer>;
  read(options?: UserCall, id?: string): Promise<Answer>;
  update(body: object, options?: UserCall): Promise<Answer>;
  directoryOf(id: string): DirectoryTenant;
  apiApp(): DirectoryApp;
  watch(): Watch;
}

export async function startActAsLab(): Promise<ActAsLab> {
  const app = await startOutrider({ settings, cloud: { tenants: 3 } });
  const { cloud } = app;
  const [tenant = '', other = '', third = ''] = cloud.world.tenants.map(({ id }) => id);
  for (const { grants } of cloud.directory.apps) {
    grants[tenant]?.[GRAPH]?.push('SecurityIncident.ReadWrite.All');
    grants[other]?.[XDR]?.push('Incident.ReadWrite.All');
  }
  await cloud.defender.hunting.setRows({ query: QUERY, rows: rowsOf(new Date(Date.now() - 60_000)) });
  let incident = '';

  const directoryOf = (id: string): DirectoryTenant => {
    const found = cloud.directory.tenants.find((each) => each.id === id);
    if (!found) throw new Error(`no tenant ${id}`);
    return found;
  };

  async function callAs({ as = {}, headers, ...options }: UserCall, path: string): Promise<Answer> {
    const token = await cloud.userToken({ tenantId: tenant, roles: [], ...as });
    return app.call(path, { ...options, headers: { authorization: `Bearer ${token}`, ...headers } });
  }

  return {
    app,
    tenant,
    other,
    third,
    get incident() {
      return incident;
    },
    renew() {
      const order = { displayName: 'Of the test', status: 'active' } as const;
      incident = cloud.defender.tenant(tenant).createIncident(order).id;
      directoryOf(tenant).conditionalAccess = [];
      directoryOf(tenant).challenges = [];
    },
    callAs,
    hunt: (body, options = {}) =>
      callAs({ method: 'POST', body, ...options }, `/api/tenants/${options.as?.tenantId ?? tenant}/hunts`),
    read: (options = {}, id = incident) =>
      callAs({ headers: AS_USER, ...options }, `/api/tenants/${tenant}/incidents/${id}`),
    update: (body, options = {}) =>
      callAs({ method: 'PATCH', body, ...options }, `/api/tenants/${tenant}/incidents/${incident}`),
    directoryOf,
    apiApp() {
      const found = cloud.directory.apps.find(({ appId }) => appId === cloud.world.api.clientId);
      if (!found) throw new Error('no API in the directory');
      return found;
    },
    watch() {
      const last = cloud.log.entries().at(-1);
      const since = () => {
        const entries = cloud.log.entries();
        return entries.slice(last === undefined ? 0 : entries.lastIndexOf(last) + 1);
      };
      return {
        exchanges: () =>
          since().filter(({ service, path }) => service === 'entra' && /\/oauth2\/v2\.0\/token\b/.test(path))
            .length,
        calls: (part) => since().filter(({ path }) => path.includes(part)).length,
      };
    },
  };
}

/** Customers' users may call, and the second customer's incidents and hunts go through the Defender XDR API. */
function settings({ env }: Cloud): Record<string, string> {
  const tenants: object[] = JSON.parse(env.OUTRIDER_TENANTS ?? '[]');
  const changed = tenants.map((tenant, index) =>
    index === 1 ? { ...tenant, api: 'xdr', huntingApi: 'xdr' } : tenant,
  );
  return {
    OUTRIDER_TENANTS: JSON.stringify(changed),
    OUTRIDER_API_CALLERS: 'multi-tenant',
    // Only runs that are asked for: others would be among the requests that are counted.
    'AzureWebJobs.enqueue-due-tenants.Disabled': 'true',
  };
}

const rowsOf = (at: Date): readonly string[] => [
  `{"Timestamp":"${at.toISOString()}","DeviceName":"a","ReportId":9223372036854775807}`,
  `{"Timestamp":"${at.toISOString()}","DeviceName":"b","ReportId":-5}`,
];
