/** A token with its times, in milliseconds since 1970 on our clock. The text must not reach a log or an error. */
export interface IssuedToken {
  readonly text: string;
  readonly expiresAt: number;
  /** From here on a new one is worth asking for, in the background. */
  readonly refreshAt: number;
}

/** What a caller of a kept token may ask for. */
export interface TokenWish {
  readonly signal?: AbortSignal | undefined;
  /** A token that the service has just refused. */
  readonly refused?: string | undefined;
  /** A new one even where the kept one is good. */
  readonly fresh?: boolean | undefined;
}

const MINUTE = 60_000;
const LONG_LIVED_MS = 120 * MINUTE;

export interface Lifetime {
  /** When the token was asked for. */
  readonly issuedAt: number;
  readonly lifetimeMs: number;
  /** The issuer's own advice, `refresh_in`. */
  readonly refreshInMs?: number | undefined;
  /** In [0, 1), so that the tenants of many instances do not refresh together. */
  readonly random: number;
}

/**
 * When to refresh: 5 to 10 minutes before expiry, but not in the first half of a short life. A long-lived token is
 * refreshed after half its life, any token by its issuer's advice when there is one.
 */
export function refreshTime({ issuedAt, lifetimeMs, refreshInMs, random }: Lifetime): number {
  const late = Math.max(lifetimeMs - (5 + 5 * random) * MINUTE, lifetimeMs / 2);
  if (refreshInMs === undefined && lifetimeMs <= LONG_LIVED_MS) return issuedAt + late;
  const advised = refreshInMs ?? lifetimeMs / 2;
  return issuedAt + Math.min(advised * (1 + random / 10), late);
}
