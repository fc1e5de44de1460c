import { type ErrorCode, isOutriderError, toOutriderError } from '../errors.ts';

/** An error as our API answers it: application/problem+json, https://www.rfc-editor.org/rfc/rfc9457. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'request.invalid': 400,
  'request.unauthenticated': 401,
  'request.forbidden': 403,
  'request.not_found': 404,
  'request.not_acceptable': 406,
  'request.too_large': 413,
  'request.precondition_failed': 412,
  'request.precondition_missing': 428,
  'tenant.unknown': 404,
  'tenant.disabled': 409,
  'tenant.configured': 409,
  'tenant.exists': 409,
  'tenant.held': 409,
  'tenant.state_refused': 409,
  'hunt.parameter_invalid': 400,
  'hunt.query_invalid': 400,
  'hunt.query_refused': 400,
  'hunt.key_reused': 409,
  'hunt.not_ready': 409,
  'hunt.call_quota': 503,
  'hunt.cpu_quota': 503,
  'sync.redirect_cycle': 409,
  'config.invalid': 503,
  'config.cloud_unsupported': 503,
  aborted: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood',
  401: 'A token is needed',
  403: 'Not allowed',
  404: 'Not found',
  406: 'Not to be had in this form',
  409: 'Not possible in the present state',
  412: 'Changed meanwhile',
  413: 'The request is too large',
  428: 'A precondition is needed',
  500: 'Outrider failed',
  502: 'A service that Outrider calls refused or failed',
  503: 'Not available now',
};

/** The status that an error code is answered with. */
export function statusOfCode(code: ErrorCode): number {
  const known = STATUS[code];
  if (known !== undefined) return known;
  if (code === 'internal' || code === 'storage.unreadable') return 500;
  return code.startsWith('storage.') || code.startsWith('pace.') || code === 'auth.unavailable' ? 503 : 502;
}

/** Renders any error. Only the texts of our own errors are shown; causes and stacks stay in the log. */
export function problemOf(error: unknown, correlationId: string): Problem {
  const known = toOutriderError(error);
  const status = statusOfCode(known.code);
  const { details, textFaults, retryAfterMs, tenant, serviceMessage } = known.facts;
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (status === 503) headers['retry-after'] = String(Math.max(1, Math.ceil((retryAfterMs ?? 5_000) / 1000)));
  if (isOutriderError(known, 'request.unauthenticated')) headers['www-authenticate'] = 'Bearer';
  const body = {
    type: `urn:outrider:error:${known.code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: known.message,
    code: known.code,
    correlationId,
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    ...(details === undefined ? {} : { errors: details }),
    ...(textFaults === undefined ? {} : { diagnostics: textFaults }),
    ...(serviceMessage === undefined ? {} : { serviceMessage }),
  };
  return { status, headers, body: JSON.stringify(body) };
}
