import { createHash } from 'node:crypto';
import { issuerV1, issuerV2 } from './clouds.ts';
import type { CloudName, TokenVersion } from './directory.ts';

/** Everything an access token says. */
export interface TokenFacts {
  readonly tenantId: string;
  readonly cloud: CloudName;
  /** The client: `appid` or `azp`. */
  readonly appId: string;
  readonly audience: string;
  readonly version: TokenVersion;
  /** `oid`: the service principal's or the user's object id. */
  readonly objectId: string;
  /** Application permissions. */
  readonly roles: readonly string[];
  /** Delegated permissions; a token with any is a user's. */
  readonly scopes: readonly string[];
  /** How the client proved who it is: `0` not at all, `1` secret, `2` certificate or assertion. */
  readonly clientProof: '0' | '1' | '2';
  /** Names of the user, when the directory knows them. */
  readonly user?: { readonly name: string; readonly userPrincipalName: string } | undefined;
  /** Whether the user signed in with a second factor. */
  readonly hasSecondFactor: boolean;
  /** Authentication contexts that the sign-in has met: `acrs`. */
  readonly contexts: readonly string[];
  /** What the client says it can handle: `xms_cc`. */
  readonly capabilities: readonly string[];
  /** Whether `idtyp` says what the token is; it is an optional claim. */
  readonly withType: boolean;
  /** `uti`: an id of the token. */
  readonly id: string;
  /** ARM id of the managed identity, when it is one's token. */
  readonly managedIdentityResource?: string | undefined;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The service dates tokens back, for resources whose clocks are behind. */
export const DATED_BACK_SECONDS = 300;

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function accessTokenClaims(facts: TokenFacts): Record<string, unknown> {
  const { version, objectId, tenantId, roles, scopes } = facts;
  const isUser = scopes.length > 0;
  const notBefore = facts.issuedAt - DATED_BACK_SECONDS;
  return {
    aud: facts.audience,
    iss: version === 1 ? issuerV1(tenantId) : issuerV2(tenantId, facts.cloud),
    iat: notBefore,
    nbf: notBefore,
    exp: facts.expiresAt,
    ...(version === 1
      ? { appid: facts.appId, appidacr: facts.clientProof, idp: issuerV1(tenantId) }
      : { azp: facts.appId, azpacr: facts.clientProof }),
    ...(facts.contexts.length > 0 ? { acrs: facts.contexts } : {}),
    ...(facts.withType ? { idtyp: isUser ? 'user' : 'app' } : {}),
    ...(isUser ? userClaims(facts) : {}),
    oid: objectId,
    ...(roles.length > 0 ? { roles } : {}),
    ...(scopes.length > 0 ? { scp: scopes.join(' ') } : {}),
    sub: isUser ? pairwiseSubject(objectId, facts.audience) : objectId,
    tid: tenantId,
    uti: facts.id,
    ver: version === 1 ? '1.0' : '2.0',
    ...(facts.capabilities.length > 0 ? { xms_cc: facts.capabilities } : {}),
    ...(facts.managedIdentityResource === undefined ? {} : { xms_mirid: facts.managedIdentityResource }),
  };
}

function userClaims({ version, user, hasSecondFactor }: TokenFacts): Record<string, unknown> {
  const names = user === undefined ? {} : { name: user.name };
  if (version === 2)
    return user === undefined ? {} : { ...names, preferred_username: user.userPrincipalName };
  return {
    acr: '1',
    amr: hasSecondFactor ? ['pwd', 'mfa'] : ['pwd'],
    ...names,
    ...(user === undefined ? {} : { unique_name: user.userPrincipalName, upn: user.userPrincipalName }),
  };
}

/** The object id of an app's service principal in a tenant: made up, but always the same. */
export function servicePrincipalId(tenantId: string, appId: string): string {
  const hex = createHash('sha256').update(`${tenantId}/${appId}`.toLowerCase()).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A user's subject differs from resource to resource. */
export function pairwiseSubject(objectId: string, audience: string): string {
  return createHash('sha256').update(`${objectId} ${audience}`).digest('base64url');
}
