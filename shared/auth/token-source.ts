import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import { OutriderError } from '../errors.ts';
import type { GetToken, Resource, Tenant, TenantDirectory, TokenRequest } from '../tenant.ts';
import { isGuid } from '../text.ts';
import type { SignInParts } from './credentials/kind.ts';
import { createSignIn } from './credentials/kinds.ts';
import { createKeptSecrets } from './kept-secrets.ts';
import type { KeptToken } from './kept-token.ts';
import type { ManagedIdentitySource } from './managed-identity.ts';
import { tenantName } from './sign-in-error.ts';
import { createSignInNetwork } from './sign-in-network.ts';
import type { SecretReader } from './vault.ts';

export interface TokenSourceOptions {
  /** Only its enabled tenants get tokens. Asked at every call, so it should answer from memory. */
  readonly tenants: TenantDirectory;
  readonly cloud: Cloud;
  /** For certificates and secrets; without it those kinds fail with `config.invalid`. */
  readonly vault: SecretReader | undefined;
  /** The identity that federated credentials trust. */
  readonly federationIdentity: ManagedIdentitySource;
  /** The identity with this client id, or the system-assigned one. */
  managedIdentity(clientId?: string): ManagedIdentitySource;
  readonly clock: Clock;
  /** Default Node's own. */
  readonly fetch?: typeof fetch | undefined;
  /** How many tenants' clients and tokens are kept. Default 1,000. */
  readonly maxTenants?: number | undefined;
  /** For one request to sign-in with its retry, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  /** How old the copy of a secret or certificate may get, in milliseconds. Default 10 minutes. */
  readonly secretAgeMs?: number | undefined;
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
export function createTokenSource(options: TokenSourceOptions): { readonly getToken: GetToken } {
  const { tenants, cloud, clock, maxTenants = 1_000, timeoutMs = 15_000 } = options;
  const parts = {
    ...options,
    network: createSignInNetwork({
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      clock,
      timeoutMs,
      origin: cloud.signIn,
    }),
    secrets: createKeptSecrets({ vault: options.vault, clock, maxAgeMs: options.secretAgeMs }),
  };
  const kept = new LRUCache<string, TenantTokens>({ max: maxTenants });

  async function enabledTenant(id: string): Promise<Tenant> {
    if (!isGuid(id))
      throw new OutriderError('tenant.unknown', 'A tenant is named by its directory id, a GUID.');
    const tenant = await tenants.get(id);
    if (tenant === undefined) {
      throw new OutriderError('tenant.unknown', `Tenant ${id} is not in the list of tenants.`, {
        tenant: id,
      });
    }
    if (tenant.enabled) return tenant;
    throw new OutriderError(
      'tenant.disabled',
      `The ${tenantName(tenant)} is disabled in the list of tenants.`,
      {
        tenant: tenant.id,
      },
    );
  }

  function tokensOf(tenant: Tenant): TenantTokens {
    const known = kept.get(tenant.id);
    if (known !== undefined && sameSignIn(known.tenant, tenant)) return known;
    const made = createTenantTokens(tenant, parts);
    kept.set(tenant.id, made);
    return made;
  }

  return {
    async getToken({ tenant: id, resource, signal, refused }) {
      const tenant = await enabledTenant(id);
      try {
        return (await tokensOf(tenant).tokenFor(resource).get({ signal, refused })).text;
      } catch (error) {
        throw namingTenant(error, tenant, signal);
      }
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

/** Errors of the vault and of identities do not know which tenant they strike. */
function namingTenant(error: unknown, tenant: Tenant, signal: TokenRequest['signal']): unknown {
  if (signal?.aborted) {
    return new OutriderError('aborted', `Getting a token of ${tenantName(tenant)} was stopped.`, {
      tenant: tenant.id,
    });
  }
  if (!(error instanceof OutriderError) || error.facts.tenant !== undefined) return error;
  const { code, message, facts } = error;
  return new OutriderError(code, `No sign-in to ${tenantName(tenant)}: ${message}`, {
    ...facts,
    tenant: tenant.id,
  });
}
