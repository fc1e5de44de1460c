import { isOutriderError, type OutriderError } from '../errors.ts';
import type { Failure, SyncState } from './state.ts';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 30 * MINUTE_MS;

/** What upstream refused. `partial`: incidents are fresh all the same. */
export interface Trouble {
  readonly error: OutriderError;
  readonly partial: boolean;
}

/** Trouble that is kept in the tenant's state; all other is our own, or storage's, and thrown. */
export function isUpstreamTrouble(error: unknown): error is OutriderError {
  return isOutriderError(error) && /^(auth|vault|upstream|pace|config)\./.test(error.code);
}

/** The state's part that says so. */
export function failed(state: SyncState, error: OutriderError, now: number): Partial<SyncState> {
  const failure: Failure = {
    code: error.code,
    text: error.message,
    sinceMs: state.failure?.sinceMs ?? now,
    atMs: now,
    count: (state.failure?.count ?? 0) + 1,
    serviceCode: error.facts.serviceCode,
    trackingId: error.facts.trackingId,
  };
  return { failure };
}

/** When to try again: as the service said, or longer and longer; at once where only a part was refused. */
export function nextAttempt(state: SyncState, trouble: Trouble | undefined, now: number): number | undefined {
  if (!trouble || trouble.partial) return undefined;
  const { error } = trouble;
  if (error.code === 'pace.exhausted') return now + (error.facts.retryAfterMs ?? MINUTE_MS);
  const backoff = Math.min(MINUTE_MS * 2 ** (state.failure?.count ?? 0), LONGEST_WAIT_MS);
  return now + Math.max(error.facts.retryAfterMs ?? 0, backoff);
}
