/** How this Entra ID behaves. Mutable: a test changes a field and the next request follows. */
export interface EntraSettings {
  /**
   * Lifetime of access tokens in seconds. Undefined: 3599 plus up to half an hour, since the service assigns
   * 60 to 90 minutes at random.
   * https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime
   */
  tokenLifetimeSeconds: number | undefined;
  /** Whether tokens that live longer than two hours come with `refresh_in`, half of their life. */
  refreshIn: boolean;
  /** How far this Entra ID's clock is ahead of the lab's, in seconds; negative when behind. */
  clockOffsetSeconds: number;
  /** By how much an assertion's `nbf` and `exp` may be missed, in seconds. */
  assertionSkewSeconds: number;
  /**
   * For how long after `exp` the lab's services still take a token, in seconds. Azure's allow minutes; none
   * by default, so that a client that uses tokens for too long is found out.
   */
  expirySkewSeconds: number;
  /** The number given when an app has no service principal in the tenant; both are seen in the field. */
  missingPrincipal: 700016 | 7000229;
  /** `specific`: 700211, 700212, 700213, 7002138. `general`: 70021 with status 400, as until 2023. */
  federatedMismatch: 'specific' | 'general';
  /** Whether access tokens carry `idtyp`, which is an optional claim. */
  typeClaim: boolean;
  /** The OAuth error of a refusal by conditional access; both are seen in the field. */
  interactionError: 'interaction_required' | 'invalid_grant';
  /** What a device hears that asks again too soon; `slow_down` is of RFC 8628, Microsoft's page does not list it. */
  deviceTooSoon: 'authorization_pending' | 'slow_down';
  /** The error when an admin declines; Microsoft's pages name all three. */
  consentRefusal: 'access_denied' | 'consent_required' | 'permission_denied';
  /** For how many days a refresh token lives. */
  refreshTokenDays: number;
}

export function defaultSettings(): EntraSettings {
  return {
    tokenLifetimeSeconds: undefined,
    refreshIn: true,
    clockOffsetSeconds: 0,
    assertionSkewSeconds: 300,
    expirySkewSeconds: 0,
    missingPrincipal: 700016,
    federatedMismatch: 'specific',
    typeClaim: true,
    interactionError: 'interaction_required',
    deviceTooSoon: 'authorization_pending',
    consentRefusal: 'access_denied',
    refreshTokenDays: 90,
  };
}
