import type { ErrorCode, OutriderError } from '../errors.ts';
import type { PreflightState } from './states.ts';

/** Codes that tell how a tenant stands. All others are trouble of our own, which tells nothing of the tenant. */
export type TellingCode =
  | Extract<
      ErrorCode,
      `auth.${string}` | `upstream.${string}` | `user.${string}` | `vault.${string}` | `pace.${string}`
    >
  | 'hunt.call_quota'
  | 'hunt.cpu_quota'
  | 'config.invalid'
  | 'aborted';

/** One state for each code; what else an error says may tell more exactly. */
export const STATE_OF_CODE: Readonly<Record<TellingCode, Exclude<PreflightState, 'ok'>>> = {
  'auth.tenant_unknown': 'wrongCloud',
  'auth.tenant_elsewhere': 'wrongCloud',
  'auth.tenant_blocked': 'unreachable',
  'auth.app_not_in_tenant': 'appNotInTenant',
  'auth.app_disabled': 'appNotInTenant',
  'auth.api_not_in_tenant': 'servicePrincipalMissing',
  'auth.api_disabled': 'withoutLicence',
  'auth.consent_missing': 'notConsented',
  'auth.access_blocked': 'blockedByConditionalAccess',
  'auth.secret_wrong': 'credentialWrong',
  'auth.secret_expired': 'credentialExpired',
  'auth.certificate_refused': 'credentialWrong',
  'auth.certificate_expired': 'credentialExpired',
  'auth.assertion_refused': 'credentialWrong',
  'auth.throttled': 'throttled',
  'auth.unavailable': 'unreachable',
  'auth.refused': 'credentialWrong',
  'auth.managed_identity_unavailable': 'unreachable',
  'user.assertion_expired': 'credentialExpired',
  'user.assertion_refused': 'credentialWrong',
  'user.consent_missing': 'notConsented',
  'user.interaction_required': 'credentialExpired',
  'user.claims_required': 'blockedByConditionalAccess',
  'user.access_blocked': 'blockedByConditionalAccess',
  'user.not_assigned': 'roleMissing',
  'user.role_missing': 'roleMissing',
  'user.other_tenant': 'credentialWrong',
  'user.app_context_needed': 'credentialWrong',
  'vault.refused': 'credentialWrong',
  'vault.not_found': 'credentialWrong',
  'vault.unavailable': 'unreachable',
  'vault.content_unusable': 'credentialWrong',
  'upstream.bad_request': 'unreachable',
  'upstream.unauthorized': 'credentialWrong',
  'upstream.forbidden': 'withoutLicence',
  'upstream.not_found': 'unreachable',
  'upstream.throttled': 'throttled',
  'upstream.unavailable': 'unreachable',
  'upstream.unreachable': 'unreachable',
  'upstream.timeout': 'unreachable',
  'upstream.too_large': 'unreachable',
  'upstream.unusable_answer': 'unreachable',
  'upstream.link_refused': 'unreachable',
  'upstream.link_expired': 'unreachable',
  'pace.exhausted': 'throttled',
  'hunt.call_quota': 'throttled',
  'hunt.cpu_quota': 'throttled',
  'config.invalid': 'credentialWrong',
  aborted: 'unreachable',
};

/** Whether the error tells how the tenant stands. */
export function isTelling(error: OutriderError): boolean {
  return error.code in STATE_OF_CODE;
}

/**
 * The state that an error amounts to. A refusal by the API comes after the token's claims were looked at: what the app
 * needs is in the token, so a bare 403 is not for want of a permission.
 *
 * @param kind whose token it was; a user's right in Defender is not in the token
 */
export function stateOfError({ code, facts }: OutriderError, kind: 'app' | 'user'): PreflightState {
  const { serviceCode, status = 0, claims } = facts;
  const wantsClaims = claims !== undefined || serviceCode?.toLowerCase() === 'insufficient_claims';
  if (wantsClaims && code.startsWith('upstream.')) return 'blockedByConditionalAccess';
  if (code === 'upstream.forbidden' && kind === 'user') return 'roleMissing';
  // The platform's identity endpoint answered that there is no such identity, or that it may not be used.
  if (code === 'auth.managed_identity_unavailable' && status >= 400 && status < 500 && status !== 429)
    return 'credentialWrong';
  return STATE_OF_CODE[code as TellingCode] ?? 'unreachable';
}
