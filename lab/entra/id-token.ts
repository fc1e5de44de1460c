import { randomBytes } from 'node:crypto';
import { pairwiseSubject } from './claims.ts';
import { issuerV2, type SignInCloud } from './clouds.ts';
import type { DirectoryApp } from './directory.ts';
import type { DirectoryUser } from './users.ts';

export interface IdTokenFacts {
  readonly user: DirectoryUser;
  readonly app: DirectoryApp;
  readonly cloud: SignInCloud;
  readonly nonce?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const LIFETIME_SECONDS = 3600;

/** https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export function idTokenClaims({ user, app, cloud, nonce, now }: IdTokenFacts): Record<string, unknown> {
  const seconds = Math.floor(now / 1000);
  return {
    aud: app.appId,
    iss: issuerV2(user.tenantId, cloud.name),
    iat: seconds,
    nbf: seconds,
    exp: seconds + LIFETIME_SECONDS,
    name: user.name,
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.id,
    preferred_username: user.userPrincipalName,
    sub: pairwiseSubject(user.id, app.appId),
    tid: user.tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  };
}
