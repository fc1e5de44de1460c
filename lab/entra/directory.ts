import type { AccessPolicy, ClaimsChallenge } from './access-policies.ts';
import type { DirectoryUser } from './users.ts';

/**
 * Who exists in the lab's Entra ID. The arrays and the objects in them are mutable on purpose: a test rotates
 * a secret, revokes a role or deletes an app by changing them; the next request sees it.
 */
export interface Directory {
  readonly tenants: DirectoryTenant[];
  readonly apps: DirectoryApp[];
  readonly users: DirectoryUser[];
  readonly managedIdentities: ManagedIdentity[];
}

export interface DirectoryTenant {
  /** GUID, lower case. */
  id: string;
  name: string;
  /** Which sign-in host knows the tenant; default `global`. GCC High and DoD tenants are `usgov`. */
  cloud?: CloudName;
  /**
   * Microsoft services with a service principal here, as audiences; default all of them. A tenant without
   * Defender has no `https://api.security.microsoft.com`.
   */
  resources?: string[];
  /** What sign-ins must meet; default none. */
  conditionalAccess?: AccessPolicy[];
  /** What Microsoft's services ask of tokens that Entra ID has issued; default nothing. */
  challenges?: ClaimsChallenge[];
  /** False: only admins may consent to anything; default true. */
  usersMayConsent?: boolean;
  /** False: no licence for Defender, so that its APIs have nothing to answer for; default true. */
  hasDefender?: boolean;
}

export type CloudName = 'global' | 'usgov';

export interface DirectoryApp {
  appId: string;
  homeTenantId: string;
  displayName: string;
  /** Client secrets; several may be valid at once. `expiresAt` in ms since 1970. */
  secrets: { value: string; expiresAt: number }[];
  /** Registered certificates, PEM without key. `expiresAt` in ms since 1970. */
  certificates: { certificatePem: string; expiresAt: number }[];
  /** Federated identity credentials, compared exactly and with case. */
  federated: FederatedCredential[];
  /**
   * Tenant id -> resource audience (`https://graph.microsoft.com`) -> app roles granted. A tenant missing
   * here has no service principal of the app; an empty object means one without any role.
   */
  grants: Record<string, Record<string, string[]>>;
  /** Application ID URIs when the app is itself a resource; default `api://<appId>`. */
  identifierUris?: string[];
  /** `requestedAccessTokenVersion` of the app as a resource; default 2. */
  accessTokenVersion?: TokenVersion;
  /** Delegated permissions that the app offers as a resource; default none. */
  scopes?: string[];
  /** Delegated permissions that users and admins have given the app as a client; default none. */
  consents?: DelegatedConsent[];
  /** Permissions that the registration asks for: what `/.default` and admin consent are about. */
  requires?: RequiredPermission[];
  /** Other tenants may install the app; default false. */
  isMultiTenant?: boolean;
  /** The app cannot keep a secret, and needs none where a person signs in; default false. */
  isPublicClient?: boolean;
  /** Where a browser may be sent back to; of a public client, loopback addresses with any port. */
  redirectUris?: string[];
  /** Only users with an app role get tokens by it or for it; default false. */
  assignmentRequired?: boolean;
}

/** A delegated permission grant: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export interface DelegatedConsent {
  tenantId: string;
  /** Audience of the resource, or id of the app that is one. */
  resource: string;
  scopes: string[];
  /** Object id of the only user it is for; all users of the tenant when missing: an admin's consent. */
  userId?: string;
}

export interface RequiredPermission {
  resource: string;
  /** App roles. */
  roles: string[];
  /** Delegated permissions. */
  scopes: string[];
}

export interface FederatedCredential {
  issuer: string;
  subject: string;
  audience: string;
}

export interface ManagedIdentity {
  name: string;
  clientId: string;
  /** Object id of its service principal: `oid` and `sub` of its tokens. */
  principalId: string;
  /** ARM resource id. */
  resourceId: string;
  tenantId: string;
  kind: 'system' | 'user';
  /** Resource audience -> app roles granted in the identity's tenant. */
  grants?: Record<string, string[]>;
}

/** Shape of an access token: v1.0 or v2.0 claims. */
export type TokenVersion = 1 | 2;

/** GUIDs are compared without case, as Entra ID does. */
export function sameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

export function findTenant(directory: Directory, id: string): DirectoryTenant | undefined {
  return directory.tenants.find((tenant) => sameId(tenant.id, id));
}

export function findApp(directory: Directory, appId: string): DirectoryApp | undefined {
  return directory.apps.find((app) => sameId(app.appId, appId));
}

/** The roles an app holds in a tenant, by audience; undefined without a service principal there. */
export function grantsIn(app: DirectoryApp, tenantId: string): Record<string, string[]> | undefined {
  return Object.entries(app.grants).find(([id]) => sameId(id, tenantId))?.[1];
}
