import { type ErrorCode, isOutriderError, type OutriderError } from '../../errors.ts';
import type { RunFailure } from './types.ts';

/** What trouble means for a run. */
export type Verdict =
  /** The quota is used up: the run goes on later. */
  | { readonly kind: 'wait'; readonly waitMs: number; readonly why: string }
  /** It may do better a little later. */
  | { readonly kind: 'retry'; readonly error: OutriderError }
  /** It will not. */
  | { readonly kind: 'fail'; readonly error: OutriderError }
  /** Our own trouble, or somebody else's run by now: not the run's fault. */
  | { readonly kind: 'throw' };

const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upstream.unavailable',
  'upstream.unreachable',
  'upstream.timeout',
  'upstream.throttled',
  'upstream.unusable_answer',
  'auth.unavailable',
  'auth.throttled',
  'auth.managed_identity_unavailable',
  'vault.unavailable',
]);
const DEFAULT_WAIT_MS = 60_000;

export function verdictOn(error: unknown): Verdict {
  if (!isOutriderError(error)) return { kind: 'throw' };
  const waitMs = error.facts.retryAfterMs ?? DEFAULT_WAIT_MS;
  if (error.code === 'hunt.cpu_quota')
    return { kind: 'wait', waitMs, why: 'the CPU share of hunting queries' };
  if (error.code === 'hunt.call_quota') return { kind: 'wait', waitMs, why: 'hunting calls' };
  if (PASSING.has(error.code)) return { kind: 'retry', error };
  if (error.code === 'hunt.fenced') return { kind: 'throw' };
  return /^(?:auth|vault|upstream|config|hunt|request|tenant)\./.test(error.code)
    ? { kind: 'fail', error }
    : { kind: 'throw' };
}

/** What is kept of an error. */
export function failureOf({ code, message, facts }: OutriderError): RunFailure {
  const { serviceMessage, serviceCode, trackingId } = facts;
  return { code, text: message, serviceMessage, serviceCode, trackingId };
}
