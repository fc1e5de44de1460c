import { setTimeout as sleep } from 'node:timers/promises';
import type { Directory } from '../entra/directory.ts';
import type { Entra } from '../entra/entra.ts';
import { findResource, rolesFor } from '../entra/resources.ts';
import { notes } from '../leak-watch/notes.ts';
import type { LabAnswer, LabClock, LabRequest } from '../service.ts';
import { findIdentity } from './find-identity.ts';

export interface ManagedIdentityOptions {
  readonly directory: Directory;
  readonly entra: Pick<Entra, 'issue'>;
  readonly clock: LabClock;
  /** What callers must send as X-IDENTITY-HEADER: the app's `IDENTITY_HEADER`. */
  readonly secretHeader: string;
  /** Lifetime of tokens in seconds; default a day, as in Azure. */
  readonly lifetimeSeconds?: number;
}

/** Trouble for the requests to come. The endpoint sits behind no front, so it has a setting of its own. */
export interface ManagedIdentityFault {
  /** Cuts the connection without an answer. */
  readonly down?: boolean;
  readonly status?: number;
  readonly delayMs?: number;
  /** Strikes this many requests; default every one. */
  readonly times?: number;
}

export interface ManagedIdentityHandler {
  handle(request: LabRequest): Promise<LabAnswer>;
  /** How many requests came, for one resource or for all; those that a fault struck included. */
  requests(resource?: string): number;
  resetRequests(): void;
  /** Without a fault: well again. */
  setFault(fault?: ManagedIdentityFault): void;
}

const PATH = '/msi/token';
const API_VERSION = '2019-08-01';
const DAY_SECONDS = 86_400;

/**
 * The token endpoint that App Service gives an app with a managed identity.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createManagedIdentity(options: ManagedIdentityOptions): ManagedIdentityHandler {
  notes().secret('managed identity header', options.secretHeader);
  const counts = new Map<string, number>();
  let fault: ManagedIdentityFault | undefined;
  let strikesLeft = 0;
  const strike = (): ManagedIdentityFault | undefined => {
    if (fault === undefined || strikesLeft <= 0) return undefined;
    strikesLeft -= 1;
    return fault;
  };
  return {
    async handle(request) {
      const resource = request.url.searchParams.get('resource') ?? '';
      counts.set(resource, (counts.get(resource) ?? 0) + 1);
      const struck = strike();
      if (struck?.delayMs !== undefined) await sleep(struck.delayMs);
      if (struck?.down) return { status: 500, cut: 'before' };
      if (struck?.status !== undefined) return refusal(struck.status, 'A fault set in the lab.');
      return answer(options, request);
    },
    requests(resource) {
      if (resource !== undefined) return counts.get(resource) ?? 0;
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    resetRequests: () => counts.clear(),
    setFault(next) {
      fault = next;
      strikesLeft = next?.times ?? Number.POSITIVE_INFINITY;
    },
  };
}

async function answer(options: ManagedIdentityOptions, request: LabRequest): Promise<LabAnswer> {
  const query = request.url.searchParams;
  if (request.url.pathname.replace(/\/$/, '').toLowerCase() !== PATH) return refusal(404, 'Not found.');
  if (request.method !== 'GET') return refusal(405, 'Only GET is supported.');
  const header = request.headers['x-identity-header'];
  if (header === undefined) return refusal(401, 'The X-IDENTITY-HEADER header is missing.');
  if (header !== options.secretHeader) return refusal(403, 'The X-IDENTITY-HEADER header is wrong.');
  if (query.get('api-version') !== API_VERSION) return refusal(400, 'The api-version is missing or unknown.');
  const resource = query.get('resource') ?? '';
  if (resource === '') return refusal(400, 'The resource parameter is missing.');
  return tokenFor(options, query, resource);
}

async function tokenFor(
  { directory, entra, clock, lifetimeSeconds = DAY_SECONDS }: ManagedIdentityOptions,
  query: URLSearchParams,
  resource: string,
): Promise<LabAnswer> {
  const identity = findIdentity(directory, query);
  if (identity === undefined) return refusal(400, 'No MSI found for specified ClientId/ResourceId.');
  const found = findResource(directory, identity.tenantId, resource);
  if (found === undefined) return refusal(400, `AADSTS500011: The resource ${resource} was not found.`);
  const token = await entra.issue({
    tenantId: identity.tenantId,
    appId: identity.clientId,
    objectId: identity.principalId,
    audience: found.audience,
    version: found.version,
    roles: rolesFor(identity.grants, found),
    clientProof: '2',
    managedIdentityResource: identity.resourceId,
    lifetimeSeconds,
  });
  return {
    status: 200,
    body: {
      access_token: token,
      expires_on: String(Math.floor(clock.now() / 1000) + lifetimeSeconds),
      resource,
      token_type: 'Bearer',
      client_id: identity.clientId,
    },
  };
}

/** App Service's error body, as its clients quote it in public issues. */
function refusal(statusCode: number, message: string): LabAnswer {
  return { status: statusCode, body: { statusCode, message } };
}
