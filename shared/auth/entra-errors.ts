import type { ErrorCode } from '../errors.ts';
import type { SignInAnswer } from './exchange.ts';

/**
 * What the numbers behind `AADSTS` mean for us. Numbers and meanings from
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes. That page lacks those of federated
 * credentials (70021, 70025, 70021x, 700213x, 70022x, 700236): they are as people quote them in public issues of
 * Azure/login, Azure/azure-workload-identity and MicrosoftDocs/azure-docs. 5000224 and 5000225:
 * as Microsoft's support explains them (https://learn.microsoft.com/answers/questions/5820489).
 * An unknown number is `auth.refused`, which shows it.
 */
const MEANINGS: Readonly<Record<number, ErrorCode>> = {
  90002: 'auth.tenant_unknown',

  90038: 'auth.tenant_elsewhere',
  900382: 'auth.tenant_elsewhere',
  900432: 'auth.tenant_elsewhere',

  5000224: 'auth.tenant_blocked',
  5000225: 'auth.tenant_blocked',

  700011: 'auth.app_not_in_tenant',
  700016: 'auth.app_not_in_tenant',
  7000229: 'auth.app_not_in_tenant',

  7000112: 'auth.app_disabled',

  500011: 'auth.api_not_in_tenant',
  650052: 'auth.api_not_in_tenant',
  500014: 'auth.api_disabled',

  65001: 'auth.consent_missing',
  650051: 'auth.consent_missing',
  650056: 'auth.consent_missing',
  650057: 'auth.consent_missing',
  90008: 'auth.consent_missing',
  90094: 'auth.consent_missing',
  50105: 'auth.consent_missing',
  501051: 'auth.consent_missing',

  53000: 'auth.access_blocked',
  53001: 'auth.access_blocked',
  53002: 'auth.access_blocked',
  53003: 'auth.access_blocked',
  53004: 'auth.access_blocked',
  53011: 'auth.access_blocked',
  530032: 'auth.access_blocked',

  70002: 'auth.secret_wrong',
  7000215: 'auth.secret_wrong',
  7000222: 'auth.secret_expired',

  700030: 'auth.certificate_refused',

  70021: 'auth.assertion_refused',
  70025: 'auth.assertion_refused',
  700211: 'auth.assertion_refused',
  700212: 'auth.assertion_refused',
  700213: 'auth.assertion_refused',
  7002137: 'auth.assertion_refused',
  7002138: 'auth.assertion_refused',
  700222: 'auth.assertion_refused',
  700226: 'auth.assertion_refused',
  700229: 'auth.assertion_refused',
  700236: 'auth.assertion_refused',

  50196: 'auth.throttled',
  90055: 'auth.throttled',

  50000: 'auth.unavailable',
  50033: 'auth.unavailable',
  50166: 'auth.unavailable',
  90006: 'auth.unavailable',
  90012: 'auth.unavailable',
  90024: 'auth.unavailable',
  90033: 'auth.unavailable',
  90090: 'auth.unavailable',
  90091: 'auth.unavailable',
};

/**
 * Faults of a signed assertion, whoever signed it: a certificate of ours or a managed identity's issuer. 700021 to
 * 700027: https://learn.microsoft.com/azure/developer/java/sdk/troubleshooting-authentication-service-principal
 */
const ASSERTION_NUMBERS: ReadonlySet<number> = new Set([
  50012, 50013, 50027, 50048, 500133, 5002723, 700021, 700023, 700024, 700027,
]);

/** By number, then HTTP status, then OAuth error; never by text. */
export function codeOf(
  answer: SignInAnswer | undefined,
  provenBy: 'certificate' | 'assertion' | 'secret',
): ErrorCode {
  if (answer === undefined) return 'auth.refused';
  const { number, status = 0, fault, error, suberror } = answer;
  const meaning = number === undefined ? undefined : MEANINGS[number];
  if (status === 429 || meaning === 'auth.throttled') return 'auth.throttled';
  if (fault !== undefined || status >= 500) return 'auth.unavailable';
  if (meaning !== undefined) return meaning;
  if (number !== undefined && ASSERTION_NUMBERS.has(number)) {
    return provenBy === 'certificate' ? 'auth.certificate_refused' : 'auth.assertion_refused';
  }
  if (error === 'invalid_tenant') return 'auth.tenant_unknown';
  if (suberror === 'consent_required') return 'auth.consent_missing';
  if (error === 'temporarily_unavailable') return 'auth.unavailable';
  return 'auth.refused';
}
