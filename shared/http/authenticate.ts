import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import type { ApiConfig } from '../config.ts';
import { OutriderError } from '../errors.ts';
import type { TenantDirectory } from '../tenant.ts';
import { callerOfClaims } from './caller-of-claims.ts';
import { createIssuerOf, issuersOf } from './issuers.ts';
import { createKeysOfDirectories } from './keys-of-directories.ts';
import { fromAnotherDirectory, keysOutOfReach, refusalOf, unauthenticated } from './token-refusal.ts';

/** Clocks of token issuer and function may differ by so much. */
const SKEW_SECONDS = 60;
const MOST_HEADER_CHARACTERS = 16_384;

export type Authenticate = (authorization: string | null | undefined) => Promise<Caller>;

export interface AuthenticateOptions {
  readonly api: Pick<ApiConfig, 'clientId' | 'tenantId' | 'callers'>;
  readonly cloud: Pick<Cloud, 'name' | 'signIn'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Whose directories may call as well, with multi-tenant callers. Asked for every token: it must answer from memory. */
  readonly tenants: Pick<TenantDirectory, 'get'>;
}

/**
 * Checks callers' tokens: signature by the published keys of the directory that the token names (kept by
 * directory-keys.ts), issuer (v1 and v2 form), audience, directory and times. Nothing else of a request is believed:
 * not what App Service's own authentication says in its headers, and no key or address that a token brings along.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 *
 * @throws OutriderError `request.unauthenticated`; `auth.unavailable` where keys or tenants are out of reach
 */
export function createAuthenticate({ api, cloud, clock, tenants }: AuthenticateOptions): Authenticate {
  const issuerOf = createIssuerOf({ api, cloud, tenants });
  const keysOf = createKeysOfDirectories({ cloud, clock });
  const expected = {
    algorithms: ['RS256'],
    audience: [api.clientId, `api://${api.clientId}`],
    clockTolerance: SKEW_SECONDS,
    requiredClaims: ['exp', 'iss', 'aud', 'tid', 'oid'],
  };

  async function verified(token: string, directory: string): Promise<JWTPayload> {
    const issuer = [...issuersOf(cloud, directory)];
    const currentDate = new Date(clock.now());
    try {
      return (await jwtVerify(token, keysOf(directory), { ...expected, issuer, currentDate })).payload;
    } catch (error) {
      throw refusalOf(error, directory === api.tenantId);
    }
  }

  return async (authorization) => {
    const token = bearerOf(authorization);
    const directory = await issuerOf(claimedIssuer(token)).catch((error: unknown) => {
      throw keysOutOfReach(error);
    });
    if (directory === undefined) throw fromAnotherDirectory();
    const claims = await verified(token, directory);
    if (claims.tid !== directory) throw unauthenticated('it was issued by another directory');
    // A number too large to be exact, or none at all: JSON has 1e999.
    if (!Number.isSafeInteger(claims.exp)) throw unauthenticated('its claim exp is not acceptable');
    return callerOfClaims(claims, token);
  };
}

/** Who the token says has issued it: a claim that only says whose keys it must be verified with. */
function claimedIssuer(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    throw refusalOf(error, true);
  }
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
