/**
 * Every way in which Outrider can fail, by code. Callers switch on the code, never on the text.
 *
 * - `config.*`   a setting is missing, misspelt or contradictory
 * - `tenant.*`   a tenant is not there, or is not in a state for what was asked
 * - `auth.*`     no token could be had from Microsoft Entra ID or a managed identity
 * - `user.*`     work that was to be done in a user's own name cannot be done in it
 * - `vault.*`    Key Vault did not give a secret or certificate
 * - `upstream.*` a Defender or Graph API refused, failed or answered something unusable
 * - `pace.*`     we held a call back ourselves, to stay below a documented quota
 * - `storage.*`  Azure Storage refused or failed
 * - `request.*`  a caller of our own API sent something that cannot be served
 * - `hunt.*`    a hunting query or its parameters cannot be run, or the service refused it
 * - `incident.*` an incident could not be changed as asked
 * - `sync.*`     the incident sync met a state that it must report
 */
export type ErrorCode =
  | 'config.invalid'
  | 'config.cloud_unsupported'
  | 'tenant.unknown'
  | 'tenant.disabled'
  | 'tenant.configured'
  | 'tenant.exists'
  | 'tenant.held'
  | 'tenant.state_refused'
  | 'auth.tenant_unknown'
  | 'auth.tenant_elsewhere'
  | 'auth.tenant_blocked'
  | 'auth.app_not_in_tenant'
  | 'auth.app_disabled'
  | 'auth.api_not_in_tenant'
  | 'auth.api_disabled'
  | 'auth.consent_missing'
  | 'auth.access_blocked'
  | 'auth.secret_wrong'
  | 'auth.secret_expired'
  | 'auth.certificate_refused'
  | 'auth.certificate_expired'
  | 'auth.assertion_refused'
  | 'auth.throttled'
  | 'auth.unavailable'
  | 'auth.refused'
  | 'auth.managed_identity_unavailable'
  | 'user.assertion_expired'
  | 'user.assertion_refused'
  | 'user.consent_missing'
  | 'user.interaction_required'
  | 'user.claims_required'
  | 'user.access_blocked'
  | 'user.not_assigned'
  | 'user.role_missing'
  | 'user.other_tenant'
  | 'user.app_context_needed'
  | 'vault.refused'
  | 'vault.not_found'
  | 'vault.unavailable'
  | 'vault.content_unusable'
  | 'upstream.bad_request'
  | 'upstream.unauthorized'
  | 'upstream.forbidden'
  | 'upstream.not_found'
  | 'upstream.throttled'
  | 'upstream.unavailable'
  | 'upstream.unreachable'
  | 'upstream.timeout'
  | 'upstream.too_large'
  | 'upstream.unusable_answer'
  | 'upstream.link_refused'
  | 'upstream.link_expired'
  | 'pace.exhausted'
  | 'storage.conflict'
  | 'storage.refused'
  | 'storage.not_found'
  | 'storage.full'
  | 'storage.unavailable'
  | 'storage.unreadable'
  | 'request.invalid'
  | 'request.unauthenticated'
  | 'request.forbidden'
  | 'request.not_found'
  | 'request.not_acceptable'
  | 'request.too_large'
  | 'request.precondition_missing'
  | 'request.precondition_failed'
  | 'hunt.parameter_invalid'
  | 'hunt.query_invalid'
  | 'hunt.query_refused'
  | 'hunt.time_limit'
  | 'hunt.result_too_large'
  | 'hunt.resources_exceeded'
  | 'hunt.call_quota'
  | 'hunt.cpu_quota'
  | 'hunt.endpoint_retired'
  | 'hunt.fenced'
  | 'hunt.key_reused'
  | 'hunt.not_ready'
  | 'hunt.abandoned'
  | 'hunt.expired'
  | 'incident.update_refused'
  | 'incident.half_updated'
  | 'sync.fenced'
  | 'sync.redirect_cycle'
  | 'aborted'
  | 'internal';

/** One thing wrong in a text that a caller sent, and where: line and column from 1, columns in UTF-16 units. */
export interface TextFault {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do, one line. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** Name that was probably meant. */
  readonly suggestion?: string | undefined;
}

/** What an error may carry besides its text. None of it may hold a secret, a token or personal data. */
export interface ErrorFacts {
  readonly cause?: unknown;
  /** The tenant concerned (GUID). */
  readonly tenant?: string;
  /** How long to wait before another try makes sense, in milliseconds. */
  readonly retryAfterMs?: number;
  /** HTTP status of the service that refused. */
  readonly status?: number;
  /** The service's own words, where people need them. They may quote what was sent: shown, never logged. */
  readonly serviceMessage?: string;
  /** The service's own error code, e.g. `AADSTS7000222` or `InvalidAuthenticationToken`. */
  readonly serviceCode?: string;
  /** What the user's next sign-in must bring along, as JSON: a claims challenge, handed on to the client. */
  readonly claims?: string;
  /** Where the user signs in again. */
  readonly authorizationUri?: string;
  /** The service's tracking id, to quote to support. */
  readonly trackingId?: string;
  /** Single faults, when several are reported together. */
  readonly details?: readonly string[];
  /** What is wrong where in a text that was sent, a query for one. */
  readonly textFaults?: readonly TextFault[];
}

/**
 * The one error class. The message says what failed, for which tenant, what is missing and what to do;
 * it is shown to people as it is.
 */
export class OutriderError extends Error {
  readonly code: ErrorCode;
  readonly facts: Omit<ErrorFacts, 'cause'>;

  constructor(code: ErrorCode, message: string, { cause, ...facts }: ErrorFacts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OutriderError';
    this.code = code;
    this.facts = facts;
  }
}

/**
 * True if `error` is ours and, when codes are named, has one of them. Told by name, not by `instanceof`: the
 * deployed app has this class once in the part that registers functions and once in the part that works.
 */
export function isOutriderError(error: unknown, ...codes: readonly ErrorCode[]): error is OutriderError {
  if (!(error instanceof Error) || error.name !== 'OutriderError') return false;
  return codes.length === 0 || codes.includes((error as OutriderError).code);
}

/** Ours as it is; anything else wrapped as `internal`, its text kept only in the cause. */
export function toOutriderError(error: unknown, tenant?: string): OutriderError {
  if (isOutriderError(error)) return error;
  const facts = tenant === undefined ? {} : { tenant };
  if (error instanceof Error && error.name === 'AbortError') {
    return new OutriderError('aborted', 'The work was stopped before it was done.', {
      cause: error,
      ...facts,
    });
  }
  return new OutriderError(
    'internal',
    'Outrider failed in a way it has no name for. The log has the details under this correlation id.',
    { cause: error, ...facts },
  );
}
