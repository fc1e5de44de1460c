import { LRUCache } from 'lru-cache';
import { otherCloudOf } from './auth/tenant-cloud.ts';
import { inspectClaims, type TokenClaims } from './auth/token-claims.ts';
import type { TokenSource } from './auth/token-source.ts';
import { createPreflightCalls } from './clients/preflight-calls.ts';
import type { Transport } from './clients/transport.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { isOutriderError } from './errors.ts';
import { createQuota } from './hunting/quota/stored-quota.ts';
import { type Log, withFields } from './log.ts';
import { once } from './once.ts';
import type { Capability } from './permissions.ts';
import { checkCredentials } from './preflight/check-credentials.ts';
import { checkTenant } from './preflight/check-tenant.ts';
import type { PreflightPorts } from './preflight/ports.ts';
import type { Preflight } from './preflight/preflight.ts';
import { expiryWarnings, readExpiring } from './preflight/stored-expiring.ts';
import { keepPreflight, type LastPreflight, readLastPreflight } from './preflight/stored-preflight.ts';
import type { TableStore } from './storage.ts';
import type { GetToken, Tenant, TenantDirectory } from './tenant.ts';
import { tenantOfMessage } from './tenant-message.ts';

/** What functions and commands call to see how tenants stand. */
export interface Preflights {
  /** Looks, and keeps nothing. @throws OutriderError `tenant.disabled`, `storage.*` */
  check(tenant: Tenant, how?: PreflightWish): Promise<Preflight>;
  /** Looks at everything, at most every ten seconds, and keeps it as the tenant's last preflight. */
  checkAndKeep(tenant: Tenant): Promise<Preflight>;
  last(tenant: Pick<Tenant, 'id' | 'generation'>): Promise<LastPreflight | undefined>;
  /** The first preflight of a tenant that has become active. */
  checkFromMessage(log: Log, message: unknown): Promise<void>;
  recordPoisoned(log: Log, message: unknown): void;
  /** For the timer: which credentials expire soon, once a day. */
  checkCredentials(log: Log): Promise<void>;
  /** What the last look at the credentials has found, for health. */
  warnings(): Promise<readonly string[]>;
}

export interface PreflightWish {
  /** Default all. */
  readonly capabilities?: readonly Capability[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreflightsOptions {
  readonly config: Pick<Config, 'cloud' | 'api' | 'apiCredential' | 'storage'>;
  readonly clock: Clock;
  readonly tokens: TokenSource;
  readonly transport: () => Transport;
  readonly tenants: TenantDirectory & { getFresh(id: string): Promise<Tenant | undefined> };
  /** Beside the records of tenants. */
  readonly table: () => TableStore;
  /** Where the tenants' shares of hunting calls are kept. */
  readonly huntTable: () => TableStore;
}

/** Whoever asks again and again does not use up the tenant's quotas: the answer is as old as this at most. */
const GAP_MS = 10_000;
const MOST_RECENT = 1_000;
/** A preflight has no time to wait for a share of hunting calls. */
const HUNT_TURN_MS = 3_000;

/** The part of the composition root that looks how tenants stand. */
export function createPreflights(options: PreflightsOptions): Preflights {
  const { config, clock, tokens, transport, tenants, table } = options;
  const quota = once(() => createQuota({ table: options.huntTable(), clock }));
  const huntTurn = (tenant: string, signal?: AbortSignal): Promise<void> =>
    quota().take({ tenant, origin: 'adhoc', maxWaitMs: HUNT_TURN_MS, signal });
  const ports = once(() =>
    createPreflightPorts({
      ...{ cloud: config.cloud, getToken: tokens.getToken, transport: transport() },
      huntTurn: config.storage && huntTurn,
      credentialExpiry: (tenant, signal) => tokens.credentialExpiry(tenant, signal),
    }),
  );
  const check: Preflights['check'] = (tenant, how = {}) =>
    checkTenant({ ports: ports(), cloud: config.cloud, clock, ...how }, tenant);

  async function lookAndKeep(tenant: Tenant): Promise<Preflight> {
    const found = await check(tenant);
    if (config.storage) await keepPreflight(table(), tenant, found);
    return found;
  }

  const recent = new LRUCache<string, { readonly atMs: number; readonly found: Promise<Preflight> }>({
    max: MOST_RECENT,
  });

  async function checkAndKeep(tenant: Tenant): Promise<Preflight> {
    const key = JSON.stringify(tenant);
    const known = recent.get(key);
    if (known && clock.now() - known.atMs < GAP_MS) return known.found;
    const found = lookAndKeep(tenant);
    recent.set(key, { atMs: clock.now(), found });
    found.catch(() => recent.delete(key));
    return found;
  }

  return {
    check,
    checkAndKeep,
    last: async (tenant) => (config.storage ? readLastPreflight(table(), tenant) : undefined),
    async checkFromMessage(messageLog, message) {
      const id = tenantOfMessage(message);
      if (id === undefined) return messageLog.error('preflight.foreign_message');
      const log = withFields(messageLog, { tenant: id });
      const tenant = await tenants.getFresh(id);
      if (!tenant?.enabled) return log.info('preflight.not_in_service');
      const { ok, capabilities } = await checkAndKeep(tenant);
      const states = Object.fromEntries(capabilities.map(({ capability, state }) => [capability, state]));
      log[ok ? 'info' : 'warn']('preflight.done', { ok, ...states });
    },
    recordPoisoned: (log, message) => log.error('preflight.poisoned', { tenant: tenantOfMessage(message) }),
    async checkCredentials(log) {
      await checkCredentials({
        holders: async () => [
          ...(await tenants.list()).filter(({ enabled }) => enabled),
          ...ownHolder(config),
        ],
        expiryOf: (credential) => tokens.credentialExpiry({ credential }),
        ...{ table: table(), clock, log },
      });
    },
    async warnings() {
      const found = config.storage && (await readExpiring(table()));
      return found ? expiryWarnings(found, clock.now()) : [];
    },
  };
}

/** The Outrider API has a credential of its own, with which it acts in users' names. */
function ownHolder({ api, apiCredential }: PreflightsOptions['config']) {
  return api && apiCredential ? [{ id: api.tenantId, credential: apiCredential }] : [];
}

/** The way from a preflight to tokens, APIs and directories; also for a person's tokens. */
export function createPreflightPorts({
  cloud,
  getToken,
  transport,
  huntTurn,
  credentialExpiry,
}: {
  readonly cloud: Config['cloud'];
  readonly getToken: GetToken;
  readonly transport: Transport;
  readonly huntTurn?: ((tenant: string, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly credentialExpiry?: PreflightPorts['credentialExpiry'];
}): PreflightPorts {
  return {
    async token({ id }, resource, signal) {
      const token = await getToken({ tenant: id, resource, signal, fresh: true });
      const claims = readableClaims(token);
      if (!claims) return { kind: 'app', appId: undefined, held: undefined };
      const { kind, appId, roles, scopes } = claims;
      return { kind, appId, held: kind === 'app' ? roles : scopes };
    },
    call: createPreflightCalls({ transport, cloud, huntTurn: huntTurn && leniently(huntTurn) }),
    otherCloud: ({ id }, signal) => otherCloudOf(cloud, id, { fetch, signal }),
    ...(credentialExpiry ? { credentialExpiry } : {}),
  };
}

/** Microsoft may encrypt tokens for its own APIs. */
function readableClaims(token: string): TokenClaims | undefined {
  try {
    return inspectClaims(token);
  } catch {
    return undefined;
  }
}

/** One call too many does no harm, and storage that is away says nothing of a tenant. */
function leniently(huntTurn: (tenant: string, signal?: AbortSignal) => Promise<void>) {
  return async (tenant: string, signal?: AbortSignal): Promise<void> => {
    try {
      await huntTurn(tenant, signal);
    } catch (error) {
      if (!isOutriderError(error) || !error.code.startsWith('storage.')) throw error;
    }
  };
}
