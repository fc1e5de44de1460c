import { challengeOfHeader } from '../claims-challenge.ts';
import { isRecord } from './raw-json.ts';

/** What an error answer says about itself, cleaned of anything that is not a code or an id. */
export interface ServiceError {
  readonly code: string | undefined;
  readonly trackingId: string | undefined;
  /** Only to look for words in; never shown, since it may quote what was sent. */
  readonly message: string;
  /**
   * Which quota a 429 is about, where its words say so; the code is the same for both. A call quota recovers within
   * a minute or an hour, the CPU quota of hunting with its next 15-minute cycle.
   */
  readonly quota: 'CPU' | 'call' | undefined;
  /** What a new token must have, as JSON, where the refusal is a claims challenge. */
  readonly claims: string | undefined;
}

const CODE = /^[\w.:-]{1,100}$/;
const TRACKING_ID = /^[\w.:|=+/-]{1,200}$/;
const REQUEST_ID_KEYS: ReadonlySet<string> = new Set(['request-id', 'requestid']);
const DEEPEST_INNER_ERROR = 5;

/**
 * Reads an error answer. Graph: `error.code` and the `request-id` of `innerError`, which comes in several casings
 * and may nest (https://learn.microsoft.com/graph/errors). Defender XDR and Endpoint: `error.code` and
 * `error.target` (https://learn.microsoft.com/defender-xdr/api-error-codes). Else the headers' request id.
 */
export function readServiceError(text: string, headers: Readonly<Record<string, string>>): ServiceError {
  const error = errorObject(text);
  const id = innerRequestId(error) ?? error.target ?? headers['request-id'] ?? headers['x-ms-request-id'];
  const message = typeof error.message === 'string' ? error.message : '';
  return {
    code: typeof error.code === 'string' && CODE.test(error.code) ? error.code : undefined,
    trackingId: typeof id === 'string' && TRACKING_ID.test(id) ? id : undefined,
    message,
    quota: quotaOf(message),
    claims: challengeOfHeader(headers['www-authenticate']),
  };
}

/** Words seen or documented: CPU, "processing resources allocated to this tenant", running or execution time. */
const CPU_QUOTA = /\bCPU\b|\b(?:processing|allocated) resources\b|\b(?:running|execution) time\b/i;

function quotaOf(message: string): ServiceError['quota'] {
  if (CPU_QUOTA.test(message)) return 'CPU';
  return /\b(?:calls?|requests?)\b/i.test(message) ? 'call' : undefined;
}

function errorObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && isRecord(body.error) ? body.error : {};
  } catch {
    return {};
  }
}

function innerRequestId(error: Readonly<Record<string, unknown>>): unknown {
  let inner: unknown = error;
  let found: unknown;
  for (let depth = 0; depth < DEEPEST_INNER_ERROR && isRecord(inner); depth += 1) {
    const entries = Object.entries(inner);
    found ??= entries.find(([key]) => REQUEST_ID_KEYS.has(key.toLowerCase()))?.[1];
    inner = entries.find(([key]) => key.toLowerCase() === 'innererror')?.[1];
  }
  return found;
}
