import { decodeJwt } from 'jose';

/** Who a token names. Not verified: only for tokens that the platform itself has just handed us. */
export interface TokenNames {
  readonly iss?: string;
  readonly sub?: string;
  readonly tid?: string;
}

/** The names in a token; none of them when it cannot be read. */
export function readClaims(token: string): TokenNames {
  try {
    const { iss, sub, tid } = decodeJwt(token);
    return {
      ...(typeof iss === 'string' ? { iss } : {}),
      ...(typeof sub === 'string' ? { sub } : {}),
      ...(typeof tid === 'string' ? { tid } : {}),
    };
  } catch {
    return {};
  }
}

/** The delegated permissions in a token that we were handed; none when it cannot be read, or is an app's. */
export function readScopes(token: string): readonly string[] {
  try {
    const { scp } = decodeJwt(token);
    return typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : [];
  } catch {
    return [];
  }
}
