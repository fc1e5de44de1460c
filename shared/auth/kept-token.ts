import type { Clock } from '../clock.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import { createFlight } from './flight.ts';
import type { IssuedToken, TokenWish } from './issued-token.ts';

export interface KeptTokenOptions {
  /** Gets a new token, never one from a cache if that can be helped. */
  readonly issue: (signal: AbortSignal) => Promise<IssuedToken>;
  /** What to throw when the service refuses even a token that was new. */
  readonly refusedAgain: () => OutriderError;
  readonly clock: Clock;
}

/** One token, kept as long as it is good. */
export interface KeptToken {
  /**
   * The kept token while it is good, however sign-in fares; near its end a new one is fetched in the background.
   * Without a good one, all callers wait for the same new one. A refused token is replaced once. With `fresh` a token
   * that is older than ten seconds is replaced; should that fail, it stays kept for all others.
   *
   * @throws what `issue` throws, when there is no good token, or no fresh one where that was asked for
   */
  get(wish?: TokenWish): Promise<IssuedToken>;
}

/** A token is not handed out in its last seconds: it must survive the way to the service, and a clock that is off. */
const MARGIN_MS = 30_000;
/** After a token was replaced because it was refused, how long until a refusal may bring another request. */
const REPLACE_GAP_MS = 60_000;
/** A token that is not older is new enough for anybody: whoever asks again and again must not ask the service as often. */
const FRESH_GAP_MS = 10_000;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 300_000;
const NO_WISH: TokenWish = {};

export function createKeptToken({ issue, refusedAgain, clock }: KeptTokenOptions): KeptToken {
  let kept: IssuedToken | undefined;
  let keptAt = Number.NEGATIVE_INFINITY;
  let refreshAt = 0;
  let failures = 0;
  let replacedAt = Number.NEGATIVE_INFINITY;
  let hold: { readonly until: number; readonly error: OutriderError } | undefined;

  const flight = createFlight(async (signal) => {
    try {
      const issued = await issue(signal);
      // The same one again is good, but its refresh has failed.
      failures = issued.text === kept?.text ? failures + 1 : 0;
      kept = issued;
      keptAt = clock.now();
      hold = undefined;
      refreshAt = Math.max(issued.refreshAt, clock.now() + backoffMs(failures));
      return issued;
    } catch (error) {
      if (!signal.aborted) noteFailure(error);
      throw error;
    }
  });

  function backoffMs(failed: number): number {
    const plain = Math.min(FIRST_RETRY_MS * 2 ** Math.max(failed - 1, 0), LONGEST_RETRY_MS);
    return plain * (0.75 + clock.random() / 2);
  }

  function noteFailure(error: unknown): void {
    failures += 1;
    const now = clock.now();
    const retryAfterMs = isOutriderError(error)
      ? Math.min(error.facts.retryAfterMs ?? 0, LONGEST_RETRY_MS)
      : 0;
    refreshAt = now + Math.max(backoffMs(failures), retryAfterMs);
    // Asking a throttled service again before its time only makes it worse.
    if (isOutriderError(error, 'auth.throttled') && retryAfterMs > 0)
      hold = { until: now + retryAfterMs, error };
  }

  function refreshInBackground(now: number): void {
    refreshAt = now + FIRST_RETRY_MS;
    flight.join().catch(() => {});
  }

  async function replace(refused: string, signal: AbortSignal | undefined): Promise<IssuedToken> {
    if (!flight.underWay() && clock.now() < replacedAt + REPLACE_GAP_MS) throw refusedAgain();
    const issued = await flight.join(signal);
    replacedAt = clock.now();
    if (issued.text === refused) throw refusedAgain();
    return issued;
  }

  return {
    async get({ signal, refused, fresh = false } = NO_WISH) {
      const now = clock.now();
      const isOld = fresh && now >= keptAt + FRESH_GAP_MS;
      const refusedNow = refused !== undefined && kept?.text === refused;
      if (kept !== undefined && !refusedNow && !isOld && now < kept.expiresAt - MARGIN_MS) {
        if (now >= refreshAt) refreshInBackground(now);
        return kept;
      }
      if (hold !== undefined && now < hold.until) throw heldError(hold.error, hold.until - now);
      return refusedNow && refused !== undefined ? replace(refused, signal) : flight.join(signal);
    },
  };
}

function heldError({ code, message, facts }: OutriderError, retryAfterMs: number): OutriderError {
  return new OutriderError(code, message, { ...facts, retryAfterMs });
}
