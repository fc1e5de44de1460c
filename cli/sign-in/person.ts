import {
  AuthError,
  type AuthenticationResult,
  type ICachePlugin,
  type TokenCacheContext,
} from '@azure/msal-node';
import { readClaims } from '../../shared/auth/claims.ts';
import type { Exchange } from '../../shared/auth/exchange.ts';
import { createSignInNetwork, type SignInNetwork } from '../../shared/auth/sign-in-network.ts';
import type { Clock } from '../../shared/clock.ts';
import { OutriderError } from '../../shared/errors.ts';
import { isGuid } from '../../shared/text.ts';
import { EXIT, fail } from '../output/failure.ts';
import { createPersonClient } from './person-client.ts';
import { type PersonAttempt, type ProxySettings, personError } from './refusal-words.ts';
import type { SignInService } from './sign-in-service.ts';
import type { SignIn, SignInStore } from './sign-in-store.ts';

/** For one request to sign-in with its retry. */
const TIMEOUT_MS = 30_000;
export const NOBODY = 'Nobody is signed in. Run: outrider login';

export interface PersonParts {
  readonly service: SignInService;
  readonly store: SignInStore;
  readonly clock: Clock;
  readonly proxy: ProxySettings;
  readonly fetch?: typeof fetch;
}

/** A token of the signed-in person. Times in milliseconds since 1970. */
export interface PersonToken {
  readonly text: string;
  readonly expiresAt: number;
}

export interface PersonTokenRequest {
  readonly scopes: readonly string[];
  /** Directory id; default the one signed in to. */
  readonly tenant?: string | undefined;
  /** As people call it, for error texts. */
  readonly audience: string;
  /** Command that signs in for it. */
  readonly again: string;
  /** The service refused the last one: get a new one. */
  readonly anew?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The person who is signed in, and tokens in their name without asking them again. */
export interface Person {
  readonly signIn: SignIn;
  /** @throws OutriderError `auth.*` with what to do */
  token(request: PersonTokenRequest): Promise<PersonToken>;
}

/** @param signIn as the store gave it */
export function createPerson(parts: PersonParts, signIn: SignIn): Person {
  const { service, store, clock, proxy } = parts;
  const { clientId } = signIn;
  const network = createPersonNetwork(parts);
  const client = createPersonClient({
    service,
    clientId,
    tenant: signIn.tenantId,
    network,
    cachePlugin: cacheIn(store, signIn),
  });

  return {
    signIn,
    async token({ scopes, tenant = signIn.tenantId, audience, again, anew = false, signal }) {
      const attempt = { origin: service.origin, clientId, tenant, audience, again, proxy };
      const result = await attemptSignIn(network, attempt, signal, async () => {
        const account = await client.getTokenCache().getAccountByHomeId(signIn.accountId);
        if (account === null) return undefined;
        // msal looks for kept tokens by the account's tenant, whatever the authority says: it would give another's.
        const there = isGuid(tenant) ? { ...account, tenantId: tenant } : account;
        const authority = service.authority(tenant);
        return client.acquireTokenSilent({
          account: there,
          scopes: [...scopes],
          authority,
          forceRefresh: anew,
        });
      });
      const { accessToken, expiresOn } = result ?? fail(EXIT.no, NOBODY);
      checkTenant(accessToken, tenant);
      return { text: accessToken, expiresAt: expiresOn?.getTime() ?? clock.now() };
    },
  };
}

/** No token of one tenant is ever used for another. @throws OutriderError `auth.refused` */
function checkTenant(token: string, tenant: string): void {
  const { tid } = readClaims(token);
  if (tid === undefined || tid.toLowerCase() === tenant.toLowerCase()) return;
  throw new OutriderError(
    'auth.refused',
    `Sign-in gave a token of the tenant ${tid} for the tenant ${tenant}. It is not used. Run: outrider logout, then outrider login`,
    { tenant },
  );
}

export function createPersonNetwork(
  { service, clock, fetch: wire = (...request) => fetch(...request) }: Omit<PersonParts, 'store' | 'proxy'>,
  timeoutMs = TIMEOUT_MS,
): SignInNetwork {
  return createSignInNetwork({ fetch: wire, clock, timeoutMs, origin: service.origin });
}

/** Runs msal, and says in our words why it failed. @throws OutriderError */
export async function attemptSignIn<T extends AuthenticationResult | string | null | undefined>(
  network: SignInNetwork,
  attempt: PersonAttempt,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const exchange: Exchange = { signal: signal ?? new AbortController().signal, answer: undefined };
  try {
    return await network.run(exchange, work);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof AuthError) && exchange.answer === undefined) throw error;
    const answered = exchange.answer;
    const isGood = answered?.status !== undefined && answered.status < 300 && answered.fault === undefined;
    // msal's own complaint counts when what came over the wire was good, or nothing was sent.
    const own = error instanceof AuthError ? { error: error.errorCode } : {};
    throw personError(answered === undefined || isGood ? own : answered, attempt);
  }
}

/** msal's cache in the store: read before every use, written when it has changed, locked meanwhile. */
function cacheIn(store: SignInStore, signIn: SignIn): ICachePlugin {
  // By access: others go on meanwhile, and must not give back the lock of this one.
  const held = new WeakMap<TokenCacheContext, Awaited<ReturnType<SignInStore['lock']>>>();
  return {
    async beforeCacheAccess(access) {
      const { tokenCache, cacheHasChanged } = access;
      // msal says before a write that there will be one.
      if (cacheHasChanged) held.set(access, await store.lock());
      const kept = await store.read();
      if (kept?.accountId === signIn.accountId) tokenCache.deserialize(kept.cache);
    },
    async afterCacheAccess(access) {
      const { tokenCache, cacheHasChanged } = access;
      const lock = held.get(access);
      if (lock === undefined) return;
      try {
        if (cacheHasChanged) await lock.keep({ ...signIn, cache: tokenCache.serialize() });
      } finally {
        await lock.release();
      }
    },
  };
}
