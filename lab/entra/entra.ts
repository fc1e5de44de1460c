import { createHash } from 'node:crypto';
import type { LabAnswer, LabClock, LabRequest, LabService, TokenJudge } from '../service.ts';
import { AadstsError, aadstsAnswer } from './aadsts.ts';
import { cloudOfHost, SIGN_IN_HOSTS, type SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryTenant, findTenant } from './directory.ts';
import { createJudge } from './judge.ts';
import { instanceDiscovery, keySet, openIdConfiguration } from './metadata.ts';
import { unknownTenant } from './problems.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createRequestCounter, type RequestCounter } from './request-counts.ts';
import { type Route, routeOf } from './routes.ts';
import { defaultSettings, type EntraSettings } from './settings.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts';
import { createTokenIssuer, type TokenOrder } from './token-issuer.ts';
import { createUserTokens } from './user-tokens.ts';

export interface EntraOptions {
  readonly directory: Directory;
  readonly clock: LabClock;
  /** See `EntraSettings.tokenLifetimeSeconds`. */
  readonly tokenLifetimeSeconds?: number;
  /** 0 to 1, for the lifetimes of tokens; default a fixed sequence. */
  readonly random?: () => number;
  /**
   * Told every secret thing that passes: tokens issued, secrets and assertions accepted. For scans of logs
   * and storage.
   */
  readonly onIssued?: (secret: string) => void;
}

export interface Entra {
  readonly service: LabService;
  readonly judge: TokenJudge;
  readonly settings: EntraSettings;
  readonly requests: RequestCounter;
  /**
   * A token without a sign-in: for callers of the API and for the managed identity endpoint.
   * @throws Error for a tenant that the directory does not hold
   */
  issue(order: TokenOrder): Promise<string>;
  /** Signs with a new key from now on. Old keys stay published, and their tokens good. */
  rotateKeys(): Promise<void>;
  /** Takes all keys but the newest off the list; tokens of the others no longer verify. */
  dropOldKeys(): Promise<void>;
}

/** The stand-in for Entra ID, global and US government sign-in hosts. */
export function createEntra(options: EntraOptions): Entra {
  const { directory, clock, onIssued = () => {} } = options;
  const settings = { ...defaultSettings(), tokenLifetimeSeconds: options.tokenLifetimeSeconds };
  const now = (): number => clock.now() + settings.clockOffsetSeconds * 1000;
  const keys = createSigningKeys();
  const issuer = createTokenIssuer({
    directory,
    keys,
    settings,
    now,
    random: options.random ?? fixedSequence(),
    onIssued,
  });
  const refreshTokens = createRefreshTokens(onIssued);
  const tokens = createUserTokens({ directory, keys, settings, issuer, refreshTokens, onIssued, now });
  const endpoint = createTokenEndpoint({
    directory,
    keys,
    settings,
    issuer,
    tokens,
    onAccepted: onIssued,
    now,
  });
  const { service, requests } = createService({ directory, keys, endpoint, now });
  return {
    service,
    requests,
    settings,
    judge: createJudge({ directory, keys, settings, now: () => clock.now() }),
    issue: async (order) => (await issuer.issue(order)).token,
    rotateKeys: () => keys.rotate(),
    dropOldKeys: () => keys.dropOld(),
  };
}

interface ServiceParts {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly endpoint: TokenEndpoint;
  readonly now: () => number;
}

function createService(parts: ServiceParts): { service: LabService; requests: RequestCounter } {
  const hand = createRequestCounter();
  const service: LabService = {
    name: 'entra',
    hosts: SIGN_IN_HOSTS,
    tenantOf(request) {
      const route = routeOf(request.url.pathname);
      if (route === undefined || route.kind === 'instance') return undefined;
      return findTenant(parts.directory, route.tenant)?.id;
    },
    async handle(request) {
      const route = routeOf(request.url.pathname);
      const cloud = cloudOfHost(request.url.hostname);
      if (route === undefined || cloud === undefined) return { status: 404 };
      if (route.kind === 'instance') {
        hand.countInstanceDiscovery();
        return instanceDiscovery(request.url.searchParams.get('authorization_endpoint'));
      }
      hand.count(route.tenant, route.kind);
      return answerOrProblem(parts, request, route, cloud);
    },
  };
  return { service, requests: hand.counter };
}

type TenantRoute = Exclude<Route, { kind: 'instance' }>;

async function answerOrProblem(
  parts: ServiceParts,
  request: LabRequest,
  route: TenantRoute,
  cloud: SignInCloud,
): Promise<LabAnswer> {
  const correlationId = request.headers['client-request-id'];
  try {
    const answer = await answerRoute(parts, request, route, cloud);
    return correlationId === undefined
      ? answer
      : { ...answer, headers: { ...answer.headers, 'client-request-id': correlationId } };
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return aadstsAnswer(error.problem, { now: parts.now(), host: cloud.host, correlationId });
  }
}

async function answerRoute(
  { directory, keys, endpoint }: ServiceParts,
  request: LabRequest,
  route: TenantRoute,
  cloud: SignInCloud,
): Promise<LabAnswer> {
  const tenant = tenantIn(directory, cloud, route);
  switch (route.kind) {
    case 'discovery':
      return openIdConfiguration(cloud, tenant.id, route.version);
    case 'keys':
      return keySet(cloud, tenant.id, route.version, await keys.published());
    case 'token':
      return endpoint.answer(request, tenant, cloud);
  }
}

function tenantIn(directory: Directory, cloud: SignInCloud, route: TenantRoute): DirectoryTenant {
  const tenant = findTenant(directory, route.tenant);
  if (tenant !== undefined && (tenant.cloud ?? 'global') === cloud.name) return tenant;
  throw new AadstsError(unknownTenant(route.tenant, route.kind === 'token' ? 'token' : 'discovery'));
}

/** Numbers from 0 to 1 that are the same in every run. */
function fixedSequence(): () => number {
  let step = 0;
  return () => {
    step += 1;
    return createHash('sha256').update(`entra ${step}`).digest().readUInt32BE(0) / 2 ** 32;
  };
}
