import packageJson from '../package.json' with { type: 'json' };
import type { Hunting } from './app-hunting.ts';
import { createIncidents, type Incidents } from './app-incidents.ts';
import { createTenantInvitations, type TenantInvitations } from './app-onboarding.ts';
import { createPreflights, type Preflights } from './app-preflight.ts';
import { createTenants, type Tenants } from './app-tenants.ts';
import { type AsUser, createUsers } from './app-users.ts';
import { createManagedIdentity, tokenCredentialOf } from './auth/managed-identity.ts';
import { createTokenSource, type TokenSource } from './auth/token-source.ts';
import { createVaultReader } from './auth/vault.ts';
import type { Caller } from './caller.ts';
import { createGraphHunting } from './clients/graph-hunting.ts';
import { createGraphIncidents } from './clients/graph-incidents.ts';
import { createPace } from './clients/pace.ts';
import { createTransport } from './clients/transport.ts';
import { createXdrHunting } from './clients/xdr-hunting.ts';
import { createXdrIncidents } from './clients/xdr-incidents.ts';
import { type Clock, systemClock } from './clock.ts';
import { createTurns } from './concurrency.ts';
import { type Config, readConfig, requirePart } from './config.ts';
import { groupFaults } from './config-callers.ts';
import { toOutriderError } from './errors.ts';
import { createHealth, type Health } from './health.ts';
import { probesFor } from './health-probes.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { Action } from './http/actions.ts';
import { type Authenticate, createAuthenticate } from './http/authenticate.ts';
import { type Access, createAccess, unknownTenant } from './http/authorize.ts';
import {
  createTenantFor,
  createTenantForUser,
  type TenantFor,
  type TenantForUser,
} from './http/tenant-for.ts';
import type { HuntSource } from './hunting/ports.ts';
import { createFeedWriter } from './incidents/append-to-feed.ts';
import { STATE_KEY } from './incidents/keys.ts';
import { recordPoisoned } from './incidents/poisoned.ts';
import type { IncidentSource } from './incidents/ports.ts';
import { markRemoved } from './incidents/remove-tenant.ts';
import { runSync } from './incidents/run.ts';
import { enqueueDue } from './incidents/schedule.ts';
import { createWakeUp } from './incidents/wake-up.ts';
import type { Log } from './log.ts';
import { keyed, once } from './once.ts';
import { createBlobStore } from './state/blob-store.ts';
import { createQueueSender } from './state/queue-sender.ts';
import { createTableStore } from './state/table-store.ts';
import type { GetToken, Tenant } from './tenant.ts';
import { tenantMessage, tenantOfMessage } from './tenant-message.ts';
import { SOON_MS } from './tenants/directory.ts';
import { createTicks } from './ticks.ts';

/** Names of what Outrider keeps in the storage account. */
const INCIDENTS = { table: 'OutriderIncidents', container: 'outrider-incidents', queue: 'outrider-sync' };
const HUNTS = { table: 'OutriderHunts', container: 'outrider-hunts', queue: 'outrider-hunts' };
const SCHEDULED_HUNTS = { queue: 'outrider-scheduled-hunts' };
const TENANTS = { table: 'OutriderTenants', queue: 'outrider-removals' };
const PREFLIGHTS = { queue: 'outrider-preflights' };
/** The registry is asked by everybody: a storage that hangs must not hold all of them for a minute. */
const TENANTS_CALL_MS = 10_000;
/** Tenants with large incidents whose pages are held at the same time: an instance may have 512 MB. */
const LARGE_AT_ONCE = 3;

/** What the functions call. Built once per process; every part of it on first use. */
export interface Outrider {
  readonly config: Config;
  readonly getToken: GetToken;
  readonly credentialExpiry: TokenSource['credentialExpiry'];
  readonly authenticate: Authenticate;
  readonly authorize: Access['authorize'];
  readonly authorizeAny: Access['authorizeAny'];
  readonly authorizeUser: Access['authorizeUser'];
  readonly seesAll: Access['seesAll'];
  /** @throws OutriderError `tenant.unknown` */
  tenant(id: string): Promise<Tenant>;
  readonly tenantFor: TenantFor;
  readonly tenantForUser: TenantForUser;
  /** The APIs of a tenant in a user's name, for the time of one request. */
  readonly asUser: AsUser;
  /** All tenants in which the caller may do this. @throws OutriderError `request.forbidden` */
  visibleTenants(caller: Caller, action: Action): Promise<readonly Tenant[]>;
  /** The tenants themselves: who they are, and what becomes of them. */
  readonly tenants: Tenants;
  /** How new ones come in. */
  readonly invitations: TenantInvitations;
  /** How tenants stand. */
  readonly preflights: Preflights;
  /** As `tenants.knownFor`. */
  readonly knownFor: Tenants['knownFor'];
  /** The live incidents of a tenant, straight from the API. */
  sourceFor(tenant: Pick<Tenant, 'api'>): IncidentSource;
  health(): Promise<Health>;
  enqueueDue(log: Log, lastMs: number | undefined): Promise<void>;
  /** @param messageId the same in every try of a message */
  syncFromMessage(log: Log, message: unknown, messageId?: string): Promise<void>;
  recordPoisoned(log: Log, message: unknown): Promise<void>;
  readonly incidents: Incidents;
  /** Loaded on first use, from a file of its own. */
  hunting(): Promise<Hunting>;
}

/**
 * The composition root: the only place that knows which adapter fills which port. Builds nothing until it is asked
 * for, so that a fault in one setting stops only what needs that setting.
 *
 * @param config defaults to the process's settings
 * @param clock decides every time and wait; defaults to the machine's
 */
export function createOutrider(config: Config = readConfig(), clock: Clock = systemClock): Outrider {
  const version = packageJson.version;
  const identity = keyed((clientId: string) =>
    createManagedIdentity({ clientId: clientId || undefined, clock }),
  );
  const credential = (clientId: string | undefined) => tokenCredentialOf(identity(clientId ?? ''));
  const storageCredential = once(() => credential(requirePart(config, 'storage').identityClientId));
  const tableOf = (table: string, callMs?: number) =>
    createTableStore({
      uri: requirePart(config, 'storage').tableUri,
      table,
      credential: storageCredential(),
      ...(callMs === undefined ? {} : { callMs }),
    });
  const blobsOf = (container: string) =>
    createBlobStore({
      uri: requirePart(config, 'storage').blobUri,
      container,
      credential: storageCredential(),
    });
  const queueOf = (queue: string) =>
    createQueueSender({
      uri: requirePart(config, 'storage').queueUri,
      queue,
      credential: credential(requirePart(config, 'storage').queueIdentityClientId),
    });
  const table = once(() => tableOf(INCIDENTS.table));
  const blobs = once(() => blobsOf(INCIDENTS.container));
  const queue = once(() => queueOf(INCIDENTS.queue));
  const wakeUp = once(() => createWakeUp({ queue: queue(), clock }));
  const tick = createTicks(enqueueDue);
  const huntTable = once(() => tableOf(HUNTS.table));
  const huntBlobs = once(() => blobsOf(HUNTS.container));
  const access = createAccess({
    homeTenantId: config.api?.tenantId,
    tenantGroups: config.api?.tenantGroups,
  });
  const tenantsTable = once(() => tableOf(TENANTS.table, TENANTS_CALL_MS));
  const hasData = async (tenant: string) => (await table().get(tenant, STATE_KEY)) !== undefined;
  const preflightQueue = once(() => queueOf(PREFLIGHTS.queue));
  const known = createTenants({
    config,
    clock,
    access,
    table: tenantsTable,
    queue: once(() => queueOf(TENANTS.queue)),
    places: () => [
      { table: table(), blobs: blobs(), fenceKey: STATE_KEY },
      { table: huntTable(), blobs: huntBlobs() },
    ],
    fence: (tenant) => markRemoved({ table: table(), clock, defaults: config.syncDefaults }, tenant),
    hasData,
    // By then every other instance looks it up anew.
    async onActivated({ id }) {
      const soon = { delaySeconds: SOON_MS / 1_000 };
      await queue().send(tenantMessage(id), soon);
      await preflightQueue().send(tenantMessage(id), soon);
    },
  });
  const tenants = known.directory;
  const vault =
    config.vaultUrl === undefined
      ? undefined
      : createVaultReader({
          vaultUrl: config.vaultUrl,
          credential: credential(config.vaultIdentityClientId),
          clock,
        });
  const signIn = {
    cloud: config.cloud,
    clock,
    vault,
    federationIdentity: identity(config.federationIdentityClientId ?? ''),
    managedIdentity: (clientId?: string) => identity(clientId ?? ''),
  };
  const tokens = createTokenSource({ ...signIn, tenants });
  const { getToken, credentialExpiry } = tokens;
  const pace = once(() => createPace({ clock }));
  const transport = once(() => createTransport({ getToken, clock, version, pace: pace() }));
  const asUser = createUsers({
    config,
    clock,
    version,
    tenants,
    vault,
    federationIdentity: identity(config.federationIdentityClientId ?? ''),
    pace,
  });
  const sources = {
    graph: once(() => createGraphIncidents({ transport: transport(), cloud: config.cloud })),
    xdr: once(() => createXdrIncidents({ transport: transport(), cloud: config.cloud })),
  };
  const sourceFor = (tenant: Pick<Tenant, 'api'>): IncidentSource => sources[tenant.api]();
  const huntSources = {
    graph: once(() => createGraphHunting({ transport: transport(), cloud: config.cloud, clock })),
    xdr: once(() => createXdrHunting({ transport: transport(), cloud: config.cloud, clock })),
  };
  const hunting = once(async () => {
    const { createHunting } = await import('./app-hunting.ts');
    return createHunting({
      tenants,
      table: huntTable,
      blobs: huntBlobs,
      queue: once(() => queueOf(HUNTS.queue)),
      scheduleQueue: once(() => queueOf(SCHEDULED_HUNTS.queue)),
      findings: once(() => ({
        table: table(),
        blobs: blobs(),
        feed: createFeedWriter({ table: table(), clock }),
      })),
      sourceFor: (tenant): HuntSource => huntSources[tenant.huntingApi ?? 'graph'](),
      clock,
    });
  });
  const preflights = createPreflights({
    ...{ config, clock, tokens, transport, tenants, table: tenantsTable },
    huntTable: once(() => tableOf(HUNTS.table, TENANTS_CALL_MS)),
  });
  const largeTurns = createTurns(LARGE_AT_ONCE);
  const authenticate = once(() =>
    createAuthenticate({ api: requirePart(config, 'api'), cloud: config.cloud, clock, tenants }),
  );
  const heartbeat = createHeartbeat({ table: tenantsTable, clock });
  const health = createHealth({
    config,
    version,
    clock,
    probes: probesFor(config, { storage: { table, blobs, queue }, vault, tenants: known }),
    moreFaults: async () => groupFaults(config.api?.tenantGroups, await tenants.list()),
    warnings: preflights.warnings,
    ...(config.storage ? { heartbeat: heartbeat.last } : {}),
  });

  return {
    config,
    getToken,
    credentialExpiry,
    preflights,
    authenticate: async (authorization) => authenticate()(authorization),
    authorize: access.authorize,
    authorizeAny: access.authorizeAny,
    authorizeUser: access.authorizeUser,
    seesAll: access.seesAll,
    sourceFor,
    health,
    hunting,
    async tenant(id) {
      const tenant = await tenants.get(id);
      if (tenant) return tenant;
      throw unknownTenant(id);
    },
    tenantFor: createTenantFor({ access, tenants }),
    tenantForUser: createTenantForUser({ access, tenants }),
    asUser,
    tenants: known,
    invitations: createTenantInvitations({
      ...{ config, clock, access, hasData },
      ...{ table: tenantsTable, tenants: known, tokens: signIn },
    }),
    knownFor: known.knownFor,
    visibleTenants: async (caller, action) => access.visibleTenants(caller, action, await tenants.list()),
    async enqueueDue(log, lastMs) {
      await tick({ tenants, queue: queue(), log }, { lastMs, nowMs: clock.now() });
      await known.resume(log, lastMs);
      // Whoever reads it finds it old, which is as true as it gets while storage is away.
      await heartbeat
        .beat()
        .catch((error: unknown) => log.warn('timer.not_noted', { code: toOutriderError(error).code }));
    },
    async syncFromMessage(log, message, messageId) {
      const tenantId = tenantOfMessage(message);
      if (tenantId === undefined) return log.error('sync.foreign_message');
      const stores = { table: table(), blobs: blobs(), queue: queue() };
      // A message may be the first to tell of a tenant that was registered or resumed just now.
      await tenants.getFresh(tenantId);
      const parts = { tenants, sourceFor, ...stores, clock, log, largeTurns };
      await runSync(parts, { tenantId, holder: messageId });
    },
    async recordPoisoned(log, message) {
      await recordPoisoned({ tenants, table: table(), blobs: blobs(), clock, log }, message);
    },
    incidents: createIncidents({ table, blobs, wakeUp, transport, asUser, cloud: config.cloud, clock }),
  };
}
