import { decodeJwt } from 'jose';
import { createDefender, type Defender } from '../../lab/defender/defender.ts';
import type { Random } from '../../lab/defender/random.ts';
import { createEntra, type Entra } from '../../lab/entra/entra.ts';
import type { TokenJudge, Verdict } from '../../lab/service.ts';
import { readScopes } from '../../shared/auth/claims.ts';
import { createOnBehalfOf } from '../../shared/auth/on-behalf-of.ts';
import { createTokenSource } from '../../shared/auth/token-source.ts';
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createGraphIncidentUpdate } from '../../shared/clients/graph-incident-update.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport, type Transport } from '../../shared/clients/transport.ts';
import { createUserTransport } from '../../shared/clients/user-transport.ts';
import { createXdrHunting } from '../../shared/clients/xdr-hunting.ts';
import { createXdrIncidentUpdate } from '../../shared/clients/xdr-incident-update.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import type { HuntSource } from '../../shared/hunting/ports.ts';
import type { IncidentSource, IncidentUpdater } from '../../shared/incidents/ports.ts';
import type { GetToken, Tenant, TenantDirectory, UserAssertion } from '../../shared/tenant.ts';
import { createApiWire } from './api-wire.ts';
import { API, crossingDirectory } from './directory.ts';
import type { Findings } from './findings.ts';
import { withHunting } from './hunt-stand-in.ts';
import { createSignInWire } from './sign-in-wire.ts';
import type { SteadyClock } from './steady-clock.ts';
import type { CrossingTenant } from './tenants.ts';
import { createTroubles } from './troubles.ts';

/** What can be done in one tenant. */
export interface Sources {
  readonly incidents: IncidentSource;
  readonly updater: IncidentUpdater;
  readonly hunting: HuntSource;
}

/** The lab's Entra ID and Defender behind our own token sources, transports and clients. */
export interface World {
  readonly entra: Entra;
  readonly defender: Defender;
  /** With the tokens of the tenant's app. */
  asApp(tenant: Tenant): Sources;
  /** With tokens in a person's name. */
  asUser(tenant: Tenant, assertion: UserAssertion): Sources;
  /** No trouble from now on. */
  calmDown(): void;
}

export interface WorldOptions {
  readonly tenants: readonly CrossingTenant[];
  /** The same as Outrider knows them. */
  readonly registry: TenantDirectory;
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
}

/** So short that each tenant's token is refreshed or replaced many times. */
const TOKEN_SECONDS = 2_400;
/** Fewer than there are tenants, more than are at work at once. */
const MAX_TENANTS = 90;
/** Fewer than there are persons at work in one round, more than at once. */
const MAX_USER_TOKENS = 120;
const CLOUD = CLOUDS.global;

export function createWorld({ tenants, registry, clock, random, findings }: WorldOptions): World {
  const entra = createEntra({
    directory: crossingDirectory(tenants),
    clock,
    tokenLifetimeSeconds: TOKEN_SECONDS,
  });
  const judge = rememberingJudge(entra.judge, clock);
  const defender = createDefender({
    clock,
    judge,
    seed: random.int(1, 1_000_000),
    settings: { links: 'token', graphCallsPerMinute: null, shuffleArrays: true },
  });
  const troubles = createTroubles({ clock, random: random.fork('troubles'), findings });
  const signIns = createSignInWire({
    service: entra.service,
    clock,
    random: random.fork('sign-ins'),
    findings,
    tokenLifeMs: TOKEN_SECONDS * 1000,
    refusedAt: troubles.refusedAt,
  });
  const wire = createApiWire({
    services: defender.services.map((service) => withHunting(service, { tenants, judge })),
    troubles,
    clock,
    random: random.fork('wire'),
    findings,
    issuedTo: signIns.issuedTo,
  });
  const ways = {
    tenants: registry,
    cloud: CLOUD,
    vault: {
      read: async (name: string) => ({ value: `value of ${name}`, version: '1', contentType: undefined }),
    },
    federationIdentity: NO_IDENTITY,
    clock,
    fetch: signIns.fetch,
  };
  const { getToken } = createTokenSource({
    ...ways,
    managedIdentity: () => NO_IDENTITY,
    maxTenants: MAX_TENANTS,
  });
  const onBehalfOf = createOnBehalfOf({
    ...ways,
    credential: { kind: 'secret', clientId: API.clientId, secretName: API.secretName },
    maxTokens: MAX_USER_TOKENS,
  });
  // Persons and apps share a tenant's quota.
  const pace = createPace({ clock });
  const transportWith = (token: GetToken): Transport =>
    createTransport({ getToken: token, clock, version: '0.0.0', pace, httpClient: wire });
  const ofApps = transportWith(getToken);

  return {
    entra,
    defender,
    calmDown: troubles.calmDown,
    asApp: (tenant) => sourcesOf(tenant, ofApps, clock),
    asUser(tenant, assertion) {
      const token = onBehalfOf.forUser(assertion);
      const transport = createUserTransport({
        transport: transportWith(token),
        getToken: token,
        scopesOf: readScopes,
        cloud: CLOUD,
        user: assertion.objectId,
        clientId: API.clientId,
      });
      return sourcesOf(tenant, transport, clock);
    },
  };
}

function sourcesOf({ api, huntingApi }: Tenant, transport: Transport, clock: SteadyClock): Sources {
  const parts = { transport, cloud: CLOUD, clock };
  return {
    incidents: api === 'xdr' ? createXdrIncidents(parts) : createGraphIncidents(parts),
    updater: api === 'xdr' ? createXdrIncidentUpdate(parts) : createGraphIncidentUpdate(parts),
    hunting: huntingApi === 'xdr' ? createXdrHunting(parts) : createGraphHunting(parts),
  };
}

/** Verifying a signature takes longer than all the rest of a call: what was found good is good while it lives. */
function rememberingJudge(judge: TokenJudge, clock: SteadyClock): TokenJudge {
  const known = new Map<string, { readonly verdict: Verdict; readonly until: number }>();
  return {
    async verify(authorization, audiences) {
      const key = `${authorization} ${audiences}`;
      const found = known.get(key);
      if (found && clock.now() < found.until) return found.verdict;
      const verdict = await judge.verify(authorization, audiences);
      if (!verdict.ok) return verdict;
      const { exp = 0 } = decodeJwt(authorization?.slice('Bearer '.length) ?? '');
      known.set(key, { verdict, until: exp * 1000 });
      return verdict;
    },
  };
}

const NO_IDENTITY = {
  name: 'no identity',
  issue: () => Promise.reject(new Error('no identity here')),
  getToken: () => Promise.reject(new Error('no identity here')),
};
