import type { LabAnswer, LabRequest, LabService } from '../service.ts';
import { AadstsError, aadstsAnswer } from './aadsts.ts';
import { cloudOfHost, SIGN_IN_HOSTS, type SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryTenant, findTenant } from './directory.ts';
import { instanceDiscovery, keySet, openIdConfiguration } from './metadata.ts';
import { problemPage } from './pages/plain-pages.ts';
import { unknownTenant } from './problems.ts';
import { createRequestCounter, type RequestCounter } from './request-counts.ts';
import { isAnyTenant, isPage, type Route, routeOf, type TenantRoute } from './routes.ts';
import type { EntraSettings } from './settings.ts';
import { adminConsent } from './sign-in-flow/admin-consent.ts';
import type { AuthorizationCodes } from './sign-in-flow/authorization-codes.ts';
import { authorize } from './sign-in-flow/authorize.ts';
import { enterDeviceCode, startDevice } from './sign-in-flow/device.ts';
import type { DeviceCodes } from './sign-in-flow/device-codes.ts';
import type { Interactions } from './sign-in-flow/interactions.ts';
import { logOut } from './sign-in-flow/logout.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { TokenEndpoint } from './token-endpoint.ts';

export interface EntraServiceParts {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly endpoint: TokenEndpoint;
  readonly codes: AuthorizationCodes;
  readonly deviceCodes: DeviceCodes;
  readonly interactions: Interactions;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

/** The sign-in hosts: finds the endpoint, and turns what it throws into an answer for a program or a page. */
export function createEntraService(parts: EntraServiceParts): {
  readonly service: LabService;
  readonly requests: RequestCounter;
} {
  const hand = createRequestCounter();
  const service: LabService = {
    name: 'entra',
    hosts: SIGN_IN_HOSTS,
    tenantOf(request) {
      const route = routeOf(request.url.pathname);
      if (route === undefined || !('tenant' in route)) return undefined;
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
      if (route.kind === 'discovery' || route.kind === 'keys' || route.kind === 'token') {
        hand.count(route.tenant, route.kind);
      }
      return answerOrProblem(parts, request, route, cloud);
    },
  };
  return { service, requests: hand.counter };
}

async function answerOrProblem(
  parts: EntraServiceParts,
  request: LabRequest,
  route: Route,
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
    const now = parts.now();
    if (isPage(route)) return problemPage(error.problem, now);
    return aadstsAnswer(error.problem, { now, host: cloud.host, correlationId });
  }
}

async function answerRoute(
  parts: EntraServiceParts,
  request: LabRequest,
  route: Route,
  cloud: SignInCloud,
): Promise<LabAnswer> {
  if (!('tenant' in route)) return enterDeviceCode(parts, request, cloud);
  const tenant = tenantIn(parts.directory, cloud, route);
  const name = tenant?.id ?? route.tenant.toLowerCase();
  switch (route.kind) {
    case 'discovery':
      return openIdConfiguration(cloud, { name, tenantId: tenant?.id }, route.version);
    case 'keys':
      return keySet(cloud, tenant?.id, route.version, await parts.keys.published());
    case 'token':
      return parts.endpoint.answer(request, { tenant, routeTenant: name, cloud });
    case 'devicecode':
      return startDevice(parts, request, { cloud, routeTenant: name });
    case 'authorize':
      return authorize(parts, { parameters: parametersOf(request), tenant, cloud });
    case 'adminconsent':
      return adminConsent(parts, {
        parameters: parametersOf(request),
        tenant,
        cloud,
        version: route.version,
      });
    case 'login':
      return parts.interactions.go(parametersOf(request));
    case 'logout':
      return logOut(parts.directory, parametersOf(request));
  }
}

/** A browser sends parameters in the address, or in the form of a POST. */
function parametersOf({ method, url, body }: LabRequest): URLSearchParams {
  return method === 'POST' ? new URLSearchParams(body.toString('utf8')) : url.searchParams;
}

/** Undefined for `organizations` and `common`. @throws AadstsError 90002 */
function tenantIn(directory: Directory, cloud: SignInCloud, route: TenantRoute): DirectoryTenant | undefined {
  if (isAnyTenant(route.tenant)) return undefined;
  const tenant = findTenant(directory, route.tenant);
  if (tenant !== undefined && (tenant.cloud ?? 'global') === cloud.name) return tenant;
  const isForm = route.kind === 'token' || route.kind === 'devicecode';
  throw new AadstsError(unknownTenant(route.tenant, isForm ? 'token' : 'discovery'));
}
