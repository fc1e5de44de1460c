/**
 * How a tenant stands to one capability: exactly one of these.
 *
 * - `ok`                         it works
 * - `notConsented`               nobody has consented to the app's use of the API
 * - `roleMissing`                there is consent, but not to what is needed; of a user: a role in Defender
 * - `appNotInTenant`             the tenant does not know the app, or has it disabled
 * - `servicePrincipalMissing`    the tenant does not know the API
 * - `withoutLicence`             the tenant has no licence for the product behind the API
 * - `blockedByConditionalAccess` a policy of the tenant keeps the app or the user out
 * - `wrongCloud`                 the tenant, or the API, is not in this cloud
 * - `credentialWrong`            the app cannot prove itself
 * - `credentialExpired`          what it proves itself with has expired
 * - `throttled`                  a quota is used up; nothing else is known
 * - `unreachable`                sign-in or API gave no usable answer
 */
export const PREFLIGHT_STATES = [
  'ok',
  'notConsented',
  'roleMissing',
  'appNotInTenant',
  'servicePrincipalMissing',
  'withoutLicence',
  'blockedByConditionalAccess',
  'wrongCloud',
  'credentialWrong',
  'credentialExpired',
  'throttled',
  'unreachable',
] as const;

export type PreflightState = (typeof PREFLIGHT_STATES)[number];

/** As a person reads them. */
export const STATE_WORDS: Readonly<Record<PreflightState, string>> = {
  ok: 'ok',
  notConsented: 'not consented',
  roleMissing: 'role missing',
  appNotInTenant: 'app not in tenant',
  servicePrincipalMissing: 'API not in tenant',
  withoutLicence: 'no licence',
  blockedByConditionalAccess: 'conditional access',
  wrongCloud: 'wrong cloud',
  credentialWrong: 'credential wrong',
  credentialExpired: 'credential expired',
  throttled: 'throttled',
  unreachable: 'unreachable',
};
