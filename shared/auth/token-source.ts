import { LRUCache } from 'lru-cache';
import type { GetToken, Resource, Tenant, TenantDirectory } from '../tenant.ts';
import type { SignInParts } from './credentials/kind.ts';
import { createProofs, createSignIn } from './credentials/kinds.ts';
import { enabledTenant, namingTenant } from './enabled-tenant.ts';
import type { KeptToken } from './kept-token.ts';
import type { ManagedIdentitySource } from './managed-identity.ts';
import { createSignInParts, type SignInPartsOptions } from './sign-in-parts.ts';

export interface TokenSourceOptions extends SignInPartsOptions {
  /** Only its enabled tenants get tokens. Asked at every call, so it should answer from memory. */
  readonly tenants: TenantDirectory;
  /** The identity that federated credentials trust. */
  readonly federationIdentity: ManagedIdentitySource;
  /** The identity with this client id, or the system-assigned one. */
  managedIdentity(clientId?: string): ManagedIdentitySource;
  /** How many tenants' clients and tokens are kept. Default 1,000. */
  readonly maxTenants?: number | undefined;
}

/** Tokens, and what they are had with. */
export interface TokenSource {
  readonly getToken: GetToken;
  /**
   * When the secret or certificate expires by which a tenant is signed in to, in milliseconds since 1970; undefined for
   * other kinds, and for a secret whose date Key Vault was not told. Read from the vault at most as often as for tokens.
   *
   * @throws OutriderError `vault.*`, `config.invalid`, `auth.managed_identity_unavailable`
   */
  credentialExpiry(tenant: Pick<Tenant, 'credential'>, signal?: AbortSignal): Promise<number | undefined>;
}

/** What is kept of a tenant. Work under way holds on to it when it is evicted. */
interface TenantTokens {
  /** The settings that it was made from. */
  readonly tenant: Tenant;
  tokenFor(resource: Resource): KeptToken;
}

/**
 * The one way to tokens of Microsoft's APIs, for all tenants and kinds of credential. Does no I/O before the first
 * call, and keeps each tenant's tokens, client and troubles apart from every other's.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { tenants, maxTenants = 1_000 } = options;
  const parts = { ...options, ...createSignInParts(options) };
  const kept = new LRUCache<string, TenantTokens>({ max: maxTenants });

  function tokensOf(tenant: Tenant): TenantTokens {
    const known = kept.get(tenant.id);
    if (known !== undefined && sameSignIn(known.tenant, tenant)) return known;
    const made = createTenantTokens(tenant, parts);
    kept.set(tenant.id, made);
    return made;
  }

  return {
    async getToken({ tenant: id, resource, signal, refused, fresh }) {
      const tenant = await enabledTenant(tenants, id);
      try {
        return (await tokensOf(tenant).tokenFor(resource).get({ signal, refused, fresh })).text;
      } catch (error) {
        throw namingTenant(error, tenant, signal);
      }
    },
    async credentialExpiry({ credential }, signal = new AbortController().signal) {
      if (credential.kind !== 'secret' && credential.kind !== 'certificate') return undefined;
      return (await createProofs(credential, parts).current(signal)).expiresAt;
    },
  };
}

function createTenantTokens(tenant: Tenant, parts: SignInParts): TenantTokens {
  const signIn = createSignIn(tenant, parts);
  const tokens = new Map<Resource, KeptToken>();
  return {
    tenant,
    tokenFor(resource) {
      const known = tokens.get(resource);
      if (known !== undefined) return known;
      const made = signIn.tokenFor(resource);
      tokens.set(resource, made);
      return made;
    },
  };
}

/** A directory may make its records anew at every call. */
function sameSignIn(a: Tenant, b: Tenant): boolean {
  return a === b || (a.name === b.name && JSON.stringify(a.credential) === JSON.stringify(b.credential));
}
