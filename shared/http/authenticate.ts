import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import type { ApiConfig } from '../config.ts';
import { OutriderError } from '../errors.ts';
import { createDirectoryKeys } from './directory-keys.ts';

/** Clocks of token issuer and function may differ by so much. */
const SKEW_SECONDS = 60;
const MOST_HEADER_CHARACTERS = 16_384;

export type Authenticate = (authorization: string | null | undefined) => Promise<Caller>;

/**
 * Checks callers' tokens: signature by the directory's published keys (kept by directory-keys.ts), issuer (v1 and
 * v2 form), audience, directory and times.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export function createAuthenticate({
  api,
  cloud,
  clock,
}: {
  readonly api: ApiConfig;
  readonly cloud: Cloud;
  readonly clock: Pick<Clock, 'now'>;
}): Authenticate {
  const keys = createDirectoryKeys({ url: `${cloud.signIn}/${api.tenantId}/discovery/v2.0/keys`, clock });
  const expected = {
    algorithms: ['RS256'],
    issuer: [`${cloud.signIn}/${api.tenantId}/v2.0`, `https://sts.windows.net/${api.tenantId}/`],
    audience: [api.clientId, `api://${api.clientId}`],
    clockTolerance: SKEW_SECONDS,
    requiredClaims: ['exp', 'iss', 'aud', 'tid', 'oid'],
  };

  return async (authorization) => {
    const token = bearerOf(authorization);
    let claims: JWTPayload;
    try {
      claims = (await jwtVerify(token, keys, { ...expected, currentDate: new Date(clock.now()) })).payload;
    } catch (error) {
      throw refusal(error);
    }
    if (claims.tid !== api.tenantId) throw unauthenticated('it was issued by another directory');
    return callerOf(claims, token);
  };
}

/**
 * An app's token has `roles` alone; a token with `scp` is a user's.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
function callerOf({ roles, scp, tid, oid, exp }: JWTPayload, token: string): Caller {
  const ids = { tenantId: String(tid), objectId: String(oid) };
  const caller = {
    ...ids,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  };
  if (typeof scp !== 'string') return { ...caller, kind: 'app', scopes: [] };
  return {
    ...caller,
    kind: 'user',
    scopes: scp.split(' ').filter((scope) => scope !== ''),
    assertion: { ...ids, expiresAt: Number(exp) * 1_000, text: () => token },
  };
}

function bearerOf(authorization: string | null | undefined): string {
  if (!authorization) {
    throw new OutriderError(
      'request.unauthenticated',
      'No token. Send "Authorization: Bearer <token>" with a Microsoft Entra token for the Outrider API.',
    );
  }
  const match = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(authorization);
  if (!match?.[1] || authorization.length > MOST_HEADER_CHARACTERS)
    throw unauthenticated('it is not a signed JSON web token');
  return match[1];
}

function refusal(error: unknown): OutriderError {
  if (error instanceof errors.JWTExpired) return unauthenticated('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(CLAIMS[error.claim] ?? `its claim ${error.claim} is not acceptable`);
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return unauthenticated('its signature is not by a key of the directory');
  }
  if (
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid
  ) {
    return unauthenticated('it is not a token signed with RS256');
  }
  return new OutriderError(
    'auth.unavailable',
    'The token could not be checked: the keys of the directory cannot be fetched from Microsoft Entra ID just now. Try again shortly.',
    { cause: error },
  );
}

const CLAIMS: Readonly<Record<string, string>> = {
  aud: 'it was issued for another audience than the Outrider API',
  iss: 'it was issued by another directory',
  nbf: 'it is not valid yet',
  tid: 'it names no directory',
  oid: 'it names no caller',
};

function unauthenticated(why: string): OutriderError {
  return new OutriderError(
    'request.unauthenticated',
    `The token is refused: ${why}. Get a new one for the Outrider API.`,
  );
}
