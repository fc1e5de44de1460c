import type { JWTPayload } from 'jose';
import type { Caller } from '../caller.ts';
import { isGuid } from '../text.ts';
import { unauthenticated } from './token-refusal.ts';

/**
 * The caller that a verified token names. A token with `scp` is a user's, whatever else it says; without, it is an
 * app's. An ID token has the same issuer, audience and roles as an access token, but names no client app.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 *
 * @throws OutriderError `request.unauthenticated`
 */
export function callerOfClaims(claims: JWTPayload, token: string): Caller {
  const { tid, oid, exp, roles, groups } = claims;
  if (typeof oid !== 'string' || !isGuid(oid)) throw unauthenticated('it names no caller');
  if (!isText(claims.azp) && !isText(claims.appid)) {
    throw unauthenticated('it names no client app, so it is not an access token');
  }
  const ids = { tenantId: String(tid), objectId: oid.toLowerCase() };
  const caller = {
    ...ids,
    roles: textsOf(roles),
    groups: Array.isArray(groups) ? textsOf(groups) : undefined,
  };
  if (kindOf(claims) === 'app') return { ...caller, kind: 'app', scopes: [] };
  return {
    ...caller,
    kind: 'user',
    scopes: isText(claims.scp) ? claims.scp.split(' ').filter(isText) : [],
    assertion: { ...ids, expiresAt: Number(exp) * 1_000, text: () => token },
  };
}

function kindOf({ scp, idtyp }: JWTPayload): Caller['kind'] {
  if (idtyp !== undefined && idtyp !== 'app' && idtyp !== 'user') {
    throw unauthenticated('it is neither an app’s nor a user’s');
  }
  if (idtyp === 'app' && scp !== undefined) throw unauthenticated('it is an app’s and a user’s at once');
  return scp === undefined && idtyp !== 'user' ? 'app' : 'user';
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const textsOf = (values: unknown): readonly string[] => (Array.isArray(values) ? values.filter(isText) : []);
