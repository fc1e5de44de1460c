import type { Clock } from '../clock.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import type { TokenRequest } from '../tenant.ts';
import { createFlight } from './flight.ts';
import type { IssuedToken } from './issued-token.ts';

export interface UserTokenOptions {
  /** Gets a new token in the user's name, with the claims that a service has asked for. */
  readonly exchange: (claims: string | undefined, signal: AbortSignal) => Promise<IssuedToken>;
  /** End of the assertion's life, in milliseconds since 1970: no token is handed out after it. */
  readonly until: number;
  /** What to throw when the service refuses even a token that was new. */
  readonly refusedAgain: () => OutriderError;
  readonly clock: Clock;
}

/** A token in the name of one user by one sign-in. Nothing happens to it unless somebody asks for it. */
export interface UserToken {
  /**
   * The token while it and the assertion are good; else all callers wait for the same new one. One that the service
   * has refused is replaced once.
   *
   * @throws what `exchange` throws
   */
  get(wish: Pick<TokenRequest, 'signal' | 'refused' | 'claims'>): Promise<IssuedToken>;
}

/** A token is not handed out in its last seconds: it must survive the way to the service, and a clock that is off. */
const MARGIN_MS = 30_000;
/** After a token was replaced because it was refused, how long until a refusal may bring another exchange. */
const REPLACE_GAP_MS = 60_000;
const LONGEST_HOLD_MS = 300_000;

export function createUserToken({ exchange, until, refusedAgain, clock }: UserTokenOptions): UserToken {
  let kept: IssuedToken | undefined;
  let replacedAt = Number.NEGATIVE_INFINITY;
  let wanted: string | undefined;
  let hold: { readonly until: number; readonly error: OutriderError } | undefined;

  const flight = createFlight(async (signal) => {
    try {
      kept = await exchange(wanted, signal);
      return kept;
    } catch (error) {
      noteThrottle(error);
      throw error;
    }
  });

  /** Asking a throttled service again before its time only makes it worse. */
  function noteThrottle(error: unknown): void {
    if (!isOutriderError(error, 'auth.throttled')) return;
    const waitMs = Math.min(error.facts.retryAfterMs ?? 0, LONGEST_HOLD_MS);
    hold = { until: clock.now() + waitMs, error };
  }

  function fetchNew(claims: string | undefined, signal: AbortSignal | undefined): Promise<IssuedToken> {
    const now = clock.now();
    if (hold !== undefined && now < hold.until) throw stillHeld(hold.error, hold.until - now);
    if (!flight.underWay()) wanted = claims;
    return flight.join(signal);
  }

  async function replace(
    refused: string,
    { claims, signal }: Pick<TokenRequest, 'signal' | 'claims'>,
  ): Promise<IssuedToken> {
    if (!flight.underWay() && clock.now() < replacedAt + REPLACE_GAP_MS) throw refusedAgain();
    const issued = await fetchNew(claims, signal);
    replacedAt = clock.now();
    if (issued.text === refused) throw refusedAgain();
    return issued;
  }

  return {
    async get({ signal, refused, claims }) {
      if (refused !== undefined && kept?.text === refused) return replace(refused, { claims, signal });
      if (kept !== undefined && clock.now() < Math.min(kept.expiresAt - MARGIN_MS, until)) return kept;
      return fetchNew(undefined, signal);
    },
  };
}

function stillHeld({ code, message, facts }: OutriderError, retryAfterMs: number): OutriderError {
  return new OutriderError(code, message, { ...facts, retryAfterMs });
}
