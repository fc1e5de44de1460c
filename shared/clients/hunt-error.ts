import type { Clock } from '../clock.ts';
import { type ErrorCode, isOutriderError, OutriderError } from '../errors.ts';
import type { Call } from './call.ts';

/** The service gives up after three minutes; gateways in front of it have been seen to give up earlier. */
const LONG_MS = 100_000;
const CYCLE_MS = 15 * 60_000;
const COUNT_WAIT_MS = 60_000;

/**
 * Limits by the service's words. They come as 400 like a fault of the query, so words that speak of the query's text
 * are looked for first: a column may be called `Timeout`.
 */
const OF_THE_TEXT =
  /failed to resolve|recognition error|syntax|semantic|unexpected|invalid|could not be parsed/i;
const LIMITS: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /result (?:set|size)|E_QUERY_RESULT_SET_TOO_LARGE|record count limit|data size limit/i,
    'hunt.result_too_large',
  ],
  [/time-?out period|timed out|time limit|execution time|E_QUERY_TIMEOUT/i, 'hunt.time_limit'],
  [
    /exceed\w* the allowed limits|preempted|E_RUNAWAY_QUERY|E_LOW_MEMORY|lacks? memory/i,
    'hunt.resources_exceeded',
  ],
];

/**
 * What a failed hunting call amounts to.
 *
 * @param tookMs from the last HTTP request sent to the failure
 */
export function huntError(error: unknown, call: Call, clock: Clock, tookMs: number): unknown {
  if (!isOutriderError(error)) return error;
  switch (error.code) {
    case 'upstream.throttled':
      return quotaError(error, call, clock);
    case 'upstream.timeout':
      return tookMs >= LONG_MS ? coded('hunt.time_limit', error, call) : error;
    case 'upstream.unavailable':
      // 504 and 408 of a gateway that did not wait as long as the service works.
      return tookMs >= LONG_MS ? coded('hunt.time_limit', error, call) : error;
    case 'upstream.bad_request':
      return coded(codeOf(error.facts.serviceMessage ?? ''), error, call);
    default:
      return error;
  }
}

function codeOf(message: string): ErrorCode {
  if (OF_THE_TEXT.test(message)) return 'hunt.query_refused';
  return LIMITS.find(([words]) => words.test(message))?.[1] ?? 'hunt.query_refused';
}

const TEXTS: Partial<Record<ErrorCode, (tenant: string) => string>> = {
  'hunt.query_refused': (tenant) =>
    `The service refused the query in tenant ${tenant}; its message says what is wrong with it. Correct the query.`,
  'hunt.time_limit': (tenant) =>
    `The query ran longer in tenant ${tenant} than the three minutes that the service allows. Narrow its timespan, or filter earlier.`,
  'hunt.result_too_large': (tenant) =>
    `The result in tenant ${tenant} is larger than the service allows (100,000 rows, 50 MB). Narrow the timespan, filter more, or project fewer columns.`,
  'hunt.resources_exceeded': (tenant) =>
    `The query needs more memory or CPU in tenant ${tenant} than the service allows one query. Narrow its timespan, filter before joining, or summarize less at once.`,
};

function coded(code: ErrorCode, error: OutriderError, { tenant }: Call): OutriderError {
  return new OutriderError(code, TEXTS[code]?.(tenant) ?? error.message, { ...error.facts, cause: error });
}

/** CPU: until the next quarter of an hour. Calls: as the service says, or a minute. */
function quotaError(error: OutriderError, { tenant }: Call, clock: Clock): OutriderError {
  const { retryAfterMs, details } = error.facts;
  if (details?.includes('CPU quota')) {
    const wait = Math.max(retryAfterMs ?? 0, CYCLE_MS - (clock.now() % CYCLE_MS));
    return new OutriderError(
      'hunt.cpu_quota',
      `Tenant ${tenant} has used up the CPU share of its hunting queries. Nothing is sent before the next 15-minute cycle; make queries cheaper if this happens often.`,
      { ...error.facts, retryAfterMs: wait, cause: error },
    );
  }
  return new OutriderError(
    'hunt.call_quota',
    `Tenant ${tenant} has used up its hunting calls for now. The run goes on when the service takes calls again.`,
    { ...error.facts, retryAfterMs: retryAfterMs ?? COUNT_WAIT_MS, cause: error },
  );
}
