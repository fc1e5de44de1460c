import { claimsText } from '../claims-challenge.ts';

/** What became of the last request of a sign-in, as far as it may be known: no token, no text of the service. */
export interface SignInAnswer {
  /** HTTP status; missing when no answer came. */
  readonly status?: number;
  /** Why there is no usable answer. */
  readonly fault?: 'network' | 'timeout' | 'unusable';
  /** Code of a network fault, e.g. `ECONNREFUSED`. */
  readonly faultCode?: string;
  /** The number behind `AADSTS`: the first of `error_codes`. */
  readonly number?: number;
  /** OAuth error, e.g. `invalid_client`. */
  readonly error?: string;
  readonly suberror?: string;
  readonly retryAfterMs?: number;
  /** The service's trace id, to quote to support. */
  readonly trackingId?: string;
  /** What a new sign-in of the user must bring along, as JSON: a claims challenge. */
  readonly claims?: string;
  /** Of a token: `expires_in` and `refresh_in`. */
  readonly lifetimeMs?: number;
  readonly refreshInMs?: number;
}

/** One sign-in under way: everything that its requests share. */
export interface Exchange {
  readonly signal: AbortSignal;
  /** Of the last request; msal hides why one failed. */
  answer: SignInAnswer | undefined;
}

/** What may be known of an answer's body. */
export function readAnswer(status: number, headers: Headers, body: unknown, now: number): SignInAnswer {
  const fields = isRecord(body) ? body : {};
  const codes = Array.isArray(fields.error_codes) ? fields.error_codes : [];
  return {
    status,
    ...optional('number', numberOf(codes[0])),
    ...optional('error', wordOf(fields.error)),
    ...optional('suberror', wordOf(fields.suberror)),
    ...optional('trackingId', wordOf(fields.trace_id) ?? wordOf(headers.get('x-ms-request-id'))),
    ...optional('retryAfterMs', retryAfterMs(headers.get('retry-after'), now)),
    ...optional('claims', claimsText(fields.claims)),
    ...optional('lifetimeMs', milliseconds(fields.expires_in)),
    ...optional('refreshInMs', milliseconds(fields.refresh_in)),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: Value });
}

/** Codes and ids only: a sentence could hold anything. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  const number = numberOf(seconds);
  return number !== undefined && number > 0 ? number * 1000 : undefined;
}

/** Seconds or an HTTP date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
