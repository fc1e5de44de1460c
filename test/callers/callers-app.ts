import { request as httpRequest } from 'node:http';
import type { Cloud } from '../../lab/cloud.ts';
import { servicePrincipalId } from '../../lab/entra/claims.ts';
import type { TokenOrder } from '../../lab/entra/token-issuer.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from '../http/outrider-app.ts';

/** Object id of a caller of the own directory to whom the settings give nothing. */
export const ANALYST = '66666666-3333-4333-8333-333333333333';

/** Outrider of a partner: callers of customers' directories are let in, and tenants are in groups. */
export interface CallersApp {
  readonly app: OutriderApp;
  /** In the group `emea`; data of it is asked for. */
  readonly emea: string;
  /** In the group `apac`. */
  readonly apac: string;
  /** In `emea` as well, suspended. */
  readonly suspended: string;
  /** A directory that is nobody's customer. */
  readonly stranger: string;
  /** A token for the API, the same for the same order. Default: of the app of the own directory that sees all tenants. */
  token(order?: Partial<TokenOrder>): Promise<string>;
  /** With this token; none when undefined. */
  call(path: string, token: string | undefined, options?: CallOptions): Promise<Answer>;
  /** The status of a request with these headers as they are, several of one name included. */
  raw(path: string, method: string, headers: readonly (readonly [string, string])[]): Promise<number>;
}

export async function startCallersApp(): Promise<CallersApp> {
  const app = await startOutrider({ cloud: { tenants: 4 }, settings: settingsOf });
  const { world, entra } = app.cloud;
  const issued = new Map<string, Promise<string>>();
  const [emea = '', apac = '', suspended = '', stranger = ''] = world.tenants.map(({ id }) => id);
  return {
    app,
    emea,
    apac,
    suspended,
    stranger,
    token(order = {}) {
      const usual = {
        tenantId: world.home.id,
        appId: world.caller.clientId,
        audience: world.api.clientId,
      };
      const key = JSON.stringify(order);
      const token = issued.get(key) ?? entra.issue({ ...usual, ...order });
      issued.set(key, token);
      return token;
    },
    call: (path, token, options = {}) =>
      app.call(path, {
        ...options,
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...options.headers },
      }),
    raw: (path, method, headers) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest(
          new URL(path, app.url),
          { method, headers: ['host', new URL(app.url).host, ...headers.flat()] },
          (answer) => {
            answer.resume();
            answer.once('end', () => resolve(answer.statusCode ?? 0));
          },
        );
        sent.once('error', reject);
        sent.end();
      }),
  };
}

function settingsOf({ env, world }: Cloud): Readonly<Record<string, string>> {
  const [emea, apac, suspended] = JSON.parse(env.OUTRIDER_TENANTS ?? '[]') as readonly object[];
  const tenants = [
    { ...emea, groups: ['emea'] },
    { ...apac, groups: ['apac'] },
    { ...suspended, groups: ['emea'], enabled: false },
  ];
  return {
    OUTRIDER_TENANTS: JSON.stringify(tenants),
    OUTRIDER_API_CALLERS: 'multi-tenant',
    OUTRIDER_API_TENANT_GROUPS: JSON.stringify({
      [servicePrincipalId(world.home.id, world.caller.clientId)]: '*',
    }),
    OUTRIDER_INTERVAL_MINUTES: '1440',
  };
}
