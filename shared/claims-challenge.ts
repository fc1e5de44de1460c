/** Longer ones are nobody's: a challenge names a few policies. */
const MOST_CHARS = 4_096;

/**
 * The claims that a service or sign-in asks for, as JSON; undefined unless it is the text of one JSON object of a
 * usable length. It is handed on to the user's client, so nothing else may pass.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function claimsText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MOST_CHARS) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    // Written anew: no line break or other oddity of the original gets any further.
    return isObject ? JSON.stringify(parsed) : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a `WWW-Authenticate` header that is a challenge; undefined of any other. */
export function challengeOfHeader(header: string | undefined): string | undefined {
  if (header === undefined || !/\berror="?insufficient_claims\b/i.test(header)) return undefined;
  const encoded = /\bclaims="([A-Za-z0-9+/_=-]+)"/.exec(header)?.[1];
  return encoded === undefined ? undefined : claimsText(Buffer.from(encoded, 'base64').toString('utf8'));
}

/** A `WWW-Authenticate` header that tells a client to sign its user in again, with the claims where there are any. */
export function challengeHeader(
  error: 'insufficient_claims' | 'invalid_token',
  {
    claims,
    authorizationUri,
  }: { readonly claims?: string | undefined; readonly authorizationUri?: string | undefined },
): string {
  const parts = [
    ...(authorizationUri === undefined ? [] : [`authorization_uri="${authorizationUri}"`]),
    `error="${error}"`,
    ...(claims === undefined ? [] : [`claims="${Buffer.from(claims).toString('base64')}"`]),
  ];
  return `Bearer ${parts.join(', ')}`;
}
