import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { withDeadline } from './deadline.ts';
import type { IssuedToken, TokenWish } from './issued-token.ts';
import { createKeptToken, type KeptToken } from './kept-token.ts';
import { identityName, managedIdentityError, sameTokenError } from './managed-identity-error.ts';

/** Tokens of one managed identity of this app, system- or user-assigned. */
export interface ManagedIdentitySource {
  /** For error texts: which identity this is. */
  readonly name: string;
  /**
   * The token for a scope such as `https://vault.azure.net/.default`, kept while it is good.
   *
   * @throws OutriderError `auth.managed_identity_unavailable`
   */
  getToken(scope: string, signal?: AbortSignal): Promise<string>;
  /** The same with its times. A refused token is replaced if the platform gives another. */
  issue(scope: string, wish?: TokenWish): Promise<IssuedToken>;
}

export interface ManagedIdentityOptions {
  /** Client id of a user-assigned identity; the system-assigned one when missing. */
  readonly clientId?: string | undefined;
  readonly clock: Clock;
  /** For one request with its retries, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined;
}

const MINUTE = 60_000;
/** The library serves its own copy until this long before expiry: asking earlier gives the same token. */
const LIBRARY_KEEPS_UNTIL_MS = 5 * MINUTE;

/**
 * A managed identity by @azure/identity, with what that lacks: a single flight, refresh in the background, the last
 * good token while the endpoint is down, a time limit. The endpoint is the platform's; nothing is read or sent
 * before the first call.
 */
export function createManagedIdentity(options: ManagedIdentityOptions): ManagedIdentitySource {
  const { clientId, clock, timeoutMs = 15_000 } = options;
  const name = identityName(clientId);
  const tokens = new Map<string, KeptToken>();
  let credential: ManagedIdentityCredential | undefined;

  async function request(scope: string): Promise<IssuedToken> {
    credential ??= new ManagedIdentityCredential({
      ...(clientId === undefined ? {} : { clientId }),
      retryOptions: { maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 },
    });
    let found = await credential.getToken(scope);
    // When its copy is due for refresh, the library fetches a new one but hands out the old one once more.
    if ((found.refreshAfterTimestamp ?? Number.POSITIVE_INFINITY) <= clock.now()) {
      found = await credential.getToken(scope);
    }
    const { token, expiresOnTimestamp, refreshAfterTimestamp } = found;
    const refreshAt =
      refreshAfterTimestamp === undefined
        ? expiresOnTimestamp - LIBRARY_KEEPS_UNTIL_MS + clock.random() * MINUTE
        : refreshAfterTimestamp + clock.random() * 10 * MINUTE;
    return { text: token, expiresAt: expiresOnTimestamp, refreshAt };
  }

  function keptFor(scope: string): KeptToken {
    const known = tokens.get(scope);
    if (known !== undefined) return known;
    const kept = createKeptToken({
      clock,
      refusedAgain: () => sameTokenError(name, scope),
      async issue(signal) {
        try {
          return await withDeadline({ clock, timeoutMs, signal }, () => request(scope));
        } catch (error) {
          if (signal.aborted) throw error;
          throw managedIdentityError(error, { name, scope });
        }
      },
    });
    tokens.set(scope, kept);
    return kept;
  }

  const issue: ManagedIdentitySource['issue'] = (scope, wish) => keptFor(scope).get(wish);
  return {
    name,
    issue,
    getToken: async (scope, signal) => (await issue(scope, { signal })).text,
  };
}

/** The identity as a credential of the Azure SDK's clients, so that they share its tokens. */
export function tokenCredentialOf({ issue }: ManagedIdentitySource): TokenCredential {
  return {
    async getToken(scopes, { abortSignal } = {}) {
      const [scope, ...others] = [scopes].flat();
      if (scope === undefined || others.length > 0) {
        throw new TypeError('A managed identity gives tokens for exactly one scope.');
      }
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      const { text, expiresAt, refreshAt } = await issue(scope, { signal });
      return {
        token: text,
        expiresOnTimestamp: expiresAt,
        refreshAfterTimestamp: refreshAt,
        tokenType: 'Bearer',
      };
    },
  };
}
