import { challengeHeader } from '../claims-challenge.ts';
import { type ErrorCode, type OutriderError, toOutriderError } from '../errors.ts';

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
  'user.assertion_expired': 401,
  'user.assertion_refused': 401,
  'user.interaction_required': 401,
  'user.claims_required': 401,
  'user.consent_missing': 403,
  'user.access_blocked': 403,
  'user.not_assigned': 403,
  'user.role_missing': 403,
  'user.other_tenant': 403,
  'user.app_context_needed': 422,
  'tenant.unknown': 404,
  'tenant.disabled': 409,
  'tenant.configured': 409,
  'tenant.exists': 409,
  'tenant.held': 409,
  'tenant.state_refused': 409,
  'hunt.parameter_invalid': 400,
  'hunt.query_invalid': 400,
  'hunt.query_refused': 400,
  // Of a hunt that is answered at once, in a user's name: a stored run has them as its failure.
  'hunt.time_limit': 422,
  'hunt.result_too_large': 422,
  'hunt.resources_exceeded': 422,
  'hunt.key_reused': 409,
  'hunt.not_ready': 409,
  'hunt.call_quota': 503,
  'hunt.cpu_quota': 503,
  'incident.update_refused': 400,
  'incident.half_updated': 502,
  'sync.redirect_cycle': 409,
  // Too much for now, not a fault: with the service's own word on when to come again.
  'auth.throttled': 503,
  'upstream.throttled': 503,
  // Others kept writing: no service failed, and the same again will do.
  'sync.fenced': 503,
  'hunt.fenced': 503,
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
  422: 'Not possible in this way',
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
  if (status === 401) headers['www-authenticate'] = challengeOf(known);
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

/**
 * What a client needs to get a better token: of a user the claims to sign in with, and where.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge, https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
function challengeOf({ code, facts }: OutriderError): string {
  if (!code.startsWith('user.')) return 'Bearer';
  return challengeHeader(code === 'user.claims_required' ? 'insufficient_claims' : 'invalid_token', facts);
}
