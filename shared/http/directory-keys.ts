import {
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWK,
  type JWSHeaderParameters,
} from 'jose';
import type { Clock } from '../clock.ts';

type LocalKeys = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<LocalKeys>>;

/** Finds the key that a token names; throws jose's errors for none, and whatever went wrong when keys are out of reach. */
export type DirectoryKeys = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<Key>;

/** Keys are good for so long without a look: one that was taken back is refused within ten minutes. */
const FRESH_MS = 10 * 60_000;
/**
 * Once keys were had, whatever strangers send and however long the directory is silent: it is asked no more often than
 * this. Before that nobody could be let in, so whoever comes asks, by one request at a time.
 */
const ASK_AGAIN_MS = 30_000;
/** While the directory cannot be asked, its last keys are good for so long. It changes them every few weeks. */
const LAST_GOOD_MS = 24 * 60 * 60_000;
const TIMEOUT_MS = 5_000;

interface Kept {
  readonly keys: LocalKeys;
  readonly fromMs: number;
}

/**
 * The keys that a directory publishes, fetched on first use, again after ten minutes and for an unknown key, by one
 * request for all callers. An outage of sign-in does not lock callers out: the last keys stay good for 24 hours. A key
 * that is unknown during an outage may be a new one, so that is an outage too, not a fault of the token.
 * https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export function createDirectoryKeys({
  url,
  clock,
}: {
  readonly url: string;
  readonly clock: Pick<Clock, 'now'>;
}): DirectoryKeys {
  let kept: Kept | undefined;
  let asking: Promise<void> | undefined;
  /** When it was last asked, and what came of it. */
  let last: { readonly atMs: number; readonly trouble?: unknown } | undefined;

  async function ask(): Promise<void> {
    const atMs = clock.now();
    try {
      kept = { keys: createLocalJWKSet(await fetchKeys(url)), fromMs: atMs };
      last = { atMs };
    } catch (trouble) {
      last = { atMs, trouble };
    }
  }

  /** Asks unless somebody just did; whoever comes meanwhile shares the answer. */
  async function askUnlessJustAsked(): Promise<void> {
    const resting = kept !== undefined && last !== undefined && clock.now() - last.atMs < ASK_AGAIN_MS;
    if (!asking && resting) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  }

  function usable(): LocalKeys {
    if (kept && clock.now() - kept.fromMs < LAST_GOOD_MS) return kept.keys;
    throw last?.trouble ?? new Error('no keys were fetched');
  }

  return async (header, token) => {
    if (!kept || clock.now() - kept.fromMs >= FRESH_MS) await askUnlessJustAsked();
    try {
      return await usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await askUnlessJustAsked();
      if (last?.trouble !== undefined) throw last.trouble;
      return usable()(header, token);
    }
  };
}

async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200)
    throw new Error(`the keys were asked for and the answer was ${response.status}`);
  const set = (await response.json()) as Partial<JSONWebKeySet> | null;
  if (!Array.isArray(set?.keys) || set.keys.length === 0) throw new Error('the answer holds no keys');
  return { keys: set.keys.map(withoutExtras) };
}

/** What a signature is verified with, of a key: without certificates, which are ten times as long. */
function withoutExtras({ kty, kid, use, alg, n, e }: JWK): JWK {
  return {
    ...(kty === undefined ? {} : { kty }),
    ...(kid === undefined ? {} : { kid }),
    ...(use === undefined ? {} : { use }),
    ...(alg === undefined ? {} : { alg }),
    ...(n === undefined ? {} : { n }),
    ...(e === undefined ? {} : { e }),
  };
}
