import { LRUCache } from 'lru-cache';
import { OutriderError } from '../errors.ts';
import type { AppCredential, GetToken, Resource, Tenant, TenantDirectory, UserAssertion } from '../tenant.ts';
import { createConfidentialClient, issueToken } from './confidential-client.ts';
import { createProofs } from './credentials/kinds.ts';
import { enabledTenant, namingTenant } from './enabled-tenant.ts';
import type { IssuedToken } from './issued-token.ts';
import type { ManagedIdentitySource } from './managed-identity.ts';
import { tenantName } from './sign-in-error.ts';
import { createSignInParts, type SignInPartsOptions } from './sign-in-parts.ts';
import { assertionExpired, refusedForUser, userSignInError } from './user-sign-in-error.ts';
import { createUserToken, type UserToken } from './user-token.ts';
import { userTokenKey } from './user-token-key.ts';

export interface OnBehalfOfOptions extends SignInPartsOptions {
  /** Of the Outrider API: only the app that an assertion is addressed to may exchange it. */
  readonly credential: AppCredential;
  /** Only its enabled tenants get tokens. */
  readonly tenants: TenantDirectory;
  /** The identity that a federated credential trusts. */
  readonly federationIdentity: ManagedIdentitySource;
  /** How many users' tokens are kept. Default 2,000. */
  readonly maxTokens?: number | undefined;
}

/** Tokens in the name of users who call the Outrider API. */
export interface OnBehalfOf {
  /** The way to tokens of this user, for as long as the assertion is good. Does no I/O. */
  forUser(assertion: UserAssertion): GetToken;
}

/**
 * What lets a service send a claims challenge instead of a bare refusal: we hand it on.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge#client-capabilities
 */
const CAPABILITIES = ['cp1'];

/**
 * Exchanges users' tokens for the Outrider API for tokens of Microsoft's APIs
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow), in the directory that issued them.
 * Tokens are kept in memory alone, each for one sign-in of one user, and never longer than the assertion is good.
 */
export function createOnBehalfOf(options: OnBehalfOfOptions): OnBehalfOf {
  const { credential, tenants, cloud, clock, maxTokens = 2_000 } = options;
  const parts = { ...options, ...createSignInParts(options) };
  const proofs = createProofs(credential, parts);
  const kept = new LRUCache<string, UserToken>({
    max: maxTokens,
    ttl: 1,
    ttlResolution: 0,
    perf: { now: () => clock.now() },
  });

  function exchange(
    { assertion, tenant, resource }: Wanted,
    claims: string | undefined,
    signal: AbortSignal,
  ): Promise<IssuedToken> {
    const { clientId } = credential;
    const order: Parameters<typeof issueToken>[0] = {
      proofs,
      parts,
      // A client for each exchange: msal's own cache would keep users' tokens for as long as its client lives.
      acquire: (proof) =>
        createConfidentialClient(parts, {
          tenantId: tenant.id,
          clientId,
          proof,
          capabilities: CAPABILITIES,
        }).acquireTokenOnBehalfOf({
          oboAssertion: assertion.text(),
          scopes: [cloud.resources[resource].scope],
          skipCache: true,
          ...(claims === undefined ? {} : { claims }),
        }),
      errorOf: (answer, proof) =>
        userSignInError(answer, {
          tenant,
          clientId,
          resource,
          cloud,
          proof,
          now: parts.clock.now(),
          user: assertion.objectId,
          claims,
        }),
    };
    return issueToken(order, signal);
  }

  function tokenFor(wanted: Wanted): UserToken {
    const key = userTokenKey({ ...wanted, clientId: credential.clientId });
    const known = kept.get(key);
    if (known !== undefined) return known;
    const { assertion, tenant, resource } = wanted;
    const made = createUserToken({
      exchange: (claims, signal) => exchange(wanted, claims, signal),
      until: assertion.expiresAt,
      refusedAgain: () => refusedForUser({ tenant, resource, cloud, user: assertion.objectId }),
      clock,
    });
    kept.purgeStale();
    kept.set(key, made, { ttl: Math.max(1, assertion.expiresAt - clock.now()) });
    return made;
  }

  return {
    forUser: (assertion) => async (request) => {
      const tenant = await enabledTenant(tenants, request.tenant);
      if (tenant.id !== assertion.tenantId.toLowerCase()) throw otherDirectory(tenant, assertion);
      if (clock.now() >= assertion.expiresAt) throw assertionExpired(tenant, cloud);
      try {
        return (await tokenFor({ assertion, tenant, resource: request.resource }).get(request)).text;
      } catch (error) {
        throw namingTenant(error, tenant, request.signal);
      }
    },
  };
}

interface Wanted {
  readonly assertion: UserAssertion;
  readonly tenant: Tenant;
  readonly resource: Resource;
}

/** Sign-in exchanges a token only in the directory that issued it: docs/decisions/0008-on-behalf-of.md. */
function otherDirectory(tenant: Tenant, { tenantId, objectId }: UserAssertion): OutriderError {
  return new OutriderError(
    'user.other_tenant',
    `The user ${objectId} signed in to the directory ${tenantId}: nothing can be done in ${tenantName(tenant)} as that ` +
      `user. Sign in to the directory ${tenant.id} itself (as a guest or by GDAP) and ask with that token, or use ` +
      'application context.',
    { tenant: tenant.id },
  );
}
