import { randomBytes } from 'node:crypto';
import { notes } from '../leak-watch/notes.ts';
import { accessTokenClaims, servicePrincipalId, type TokenFacts } from './claims.ts';
import { type Directory, findTenant, type TokenVersion } from './directory.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';
import { findUser } from './users.ts';

/** What a token is to say; the rest follows from the directory and the settings. */
export interface TokenOrder {
  readonly tenantId: string;
  /** The client's application id. */
  readonly appId: string;
  readonly audience: string;
  /** Application permissions. */
  readonly roles?: readonly string[];
  /** Delegated permissions; with any, the token is a user's, and `objectId` the user's. */
  readonly scopes?: readonly string[];
  /** Default: the object id of the app's service principal in the tenant. */
  readonly objectId?: string;
  /** Default: 2 for an audience that is a GUID, 1 for any other. */
  readonly version?: TokenVersion;
  /** Default: the setting. Negative makes a token that has expired. */
  readonly lifetimeSeconds?: number;
  /** Default `1`. */
  readonly clientProof?: TokenFacts['clientProof'];
  /** Of a user: whether the sign-in had a second factor; default false. */
  readonly hasSecondFactor?: boolean;
  /** Of a user: authentication contexts that the sign-in has met; default none. */
  readonly contexts?: readonly string[];
  /** What the client says it can handle; default nothing. */
  readonly capabilities?: readonly string[];
  /** ARM resource id, for the token of a managed identity. */
  readonly managedIdentityResource?: string;
}

export interface IssuedToken {
  readonly token: string;
  readonly lifetimeSeconds: number;
  /** Unix seconds. */
  readonly expiresAt: number;
}

export interface TokenIssuer {
  /** @throws Error for a tenant that the directory does not hold */
  issue(order: TokenOrder): Promise<IssuedToken>;
  /** Whether the token with this `uti` comes from a sign-in with a second factor; v2.0 tokens do not say so. */
  hadSecondFactor(id: string): boolean;
}

export interface TokenIssuerOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
  /** 0 to 1, for the lifetimes. */
  readonly random: () => number;
  readonly onIssued: (token: string) => void;
}

const SHORTEST_SECONDS = 3599;
const JITTER_SECONDS = 1800;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { directory, keys, settings, now, random } = options;
  const withSecondFactor = new Set<string>();
  return {
    hadSecondFactor: (id) => withSecondFactor.has(id),
    async issue(order) {
      const tenant = findTenant(directory, order.tenantId);
      if (tenant === undefined) throw new Error(`The lab's directory has no tenant ${order.tenantId}.`);
      const lifetimeSeconds =
        order.lifetimeSeconds ??
        settings.tokenLifetimeSeconds ??
        SHORTEST_SECONDS + Math.floor(random() * JITTER_SECONDS);
      const issuedAt = Math.floor(now() / 1000);
      const expiresAt = issuedAt + lifetimeSeconds;
      const objectId = order.objectId ?? servicePrincipalId(tenant.id, order.appId);
      const { hasSecondFactor = false } = order;
      const id = randomBytes(16).toString('base64url');
      if (hasSecondFactor) withSecondFactor.add(id);
      const claims = accessTokenClaims({
        tenantId: tenant.id,
        cloud: tenant.cloud ?? 'global',
        appId: order.appId,
        audience: order.audience,
        version: order.version ?? (GUID.test(order.audience) ? 2 : 1),
        objectId,
        id,
        user: order.scopes?.length ? findUser(directory, tenant.id, objectId) : undefined,
        hasSecondFactor,
        contexts: order.contexts ?? [],
        capabilities: order.capabilities ?? [],
        withType: settings.typeClaim,
        roles: order.roles ?? [],
        scopes: order.scopes ?? [],
        clientProof: order.clientProof ?? '1',
        managedIdentityResource: order.managedIdentityResource,
        issuedAt,
        expiresAt,
      });
      const token = await keys.sign(claims);
      notes().secret('access token', token);
      options.onIssued(token);
      return { token, lifetimeSeconds, expiresAt };
    },
  };
}
