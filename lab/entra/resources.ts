import {
  type Directory,
  type DirectoryApp,
  findTenant,
  grantsIn,
  sameId,
  type TokenVersion,
} from './directory.ts';
import { withoutSlash } from './names.ts';

/** The audience a managed identity asks for to have an assertion for a federated credential. */
const TOKEN_EXCHANGE_AUDIENCES: readonly string[] = [
  'api://AzureADTokenExchange',
  'api://AzureADTokenExchangeUSGov',
];

/** Microsoft's services that Outrider may ask tokens for, by audience. */
const MICROSOFT_RESOURCES: readonly string[] = [
  'https://graph.microsoft.com',
  'https://graph.microsoft.us',
  'https://dod-graph.microsoft.us',
  'https://api.security.microsoft.com',
  'https://api-gcc.security.microsoft.us',
  'https://api-gov.security.microsoft.us',
  'https://api.securitycenter.microsoft.com',
  'https://api-gcc.securitycenter.microsoft.us',
  'https://api-gov.securitycenter.microsoft.us',
  'https://storage.azure.com',
  'https://vault.azure.net',
  'https://vault.usgovcloudapi.net',
  'https://management.azure.com',
  'https://monitor.azure.com',
];

/** What a token is asked for. */
export interface Resource {
  /** `aud` of the token. */
  readonly audience: string;
  readonly version: TokenVersion;
  /** Every name the resource goes by, for looking up grants. */
  readonly names: readonly string[];
}

/**
 * The resource that `name` stands for in a tenant; undefined without a service principal of it there. A v1.0
 * audience keeps the name as asked for, trailing slash included, which is why scopes may have two slashes.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc#trailing-slash-and-default
 */
export function findResource(directory: Directory, tenantId: string, name: string): Resource | undefined {
  const plain = withoutSlash(name);
  if (TOKEN_EXCHANGE_AUDIENCES.includes(plain)) return { audience: plain, version: 2, names: [plain] };
  const app = directory.apps.find((candidate) => namesOf(candidate).some((known) => sameId(known, plain)));
  if (app !== undefined) return appResource(app, tenantId, name);
  const present = findTenant(directory, tenantId)?.resources ?? MICROSOFT_RESOURCES;
  const found = present.find((resource) => sameId(withoutSlash(resource), plain));
  return found === undefined ? undefined : { audience: name, version: 1, names: [withoutSlash(found)] };
}

/** The app roles among `grants` that a resource's token carries. */
export function rolesFor(
  grants: Readonly<Record<string, readonly string[]>> | undefined,
  resource: Resource,
): readonly string[] {
  return Object.entries(grants ?? {})
    .filter(([name]) => resource.names.some((known) => sameId(known, withoutSlash(name))))
    .flatMap(([, roles]) => roles);
}

function appResource(app: DirectoryApp, tenantId: string, name: string): Resource | undefined {
  const isThere = sameId(app.homeTenantId, tenantId) || grantsIn(app, tenantId) !== undefined;
  if (!isThere) return undefined;
  const version = app.accessTokenVersion ?? 2;
  return { audience: version === 2 ? app.appId : name, version, names: namesOf(app) };
}

/** Every name of an app as a resource; the first is its id. */
export function namesOf(app: DirectoryApp): readonly string[] {
  return [app.appId, ...(app.identifierUris ?? [`api://${app.appId}`]).map(withoutSlash)];
}
