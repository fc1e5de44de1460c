import type { LabCaller, LabRequest, LabUser } from '../service.ts';

/** Why a caller with a good token is refused. */
export type CallerRefusal =
  | { readonly why: 'permission'; readonly kind: 'application' | 'delegated' }
  | { readonly why: 'role' }
  | { readonly why: 'licence' };

/** What a call needs: one of the permissions and, of a user, a role in Defender as well. */
export interface CallNeeds {
  readonly permissions: readonly string[];
  readonly access: 'read' | 'write';
}

/** An app needs the app role; a user the scope and the right in Defender itself. Undefined: nothing is missing. */
export function refusalOf(caller: LabCaller, { permissions, access }: CallNeeds): CallerRefusal | undefined {
  const { user, roles, scopes } = caller;
  const held = user === undefined ? roles : scopes;
  if (!permissions.some((name) => held.includes(name))) {
    return { why: 'permission', kind: user === undefined ? 'application' : 'delegated' };
  }
  if (caller.hasDefender === false) return { why: 'licence' };
  if (user !== undefined && !mayUse(user, access)) return { why: 'role' };
  return undefined;
}

function mayUse({ defender }: LabUser, access: CallNeeds['access']): boolean {
  return defender === 'write' || (access === 'read' && defender === 'read');
}

/** The header of a 401 that asks for more claims: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
export function challengeHeader(claims: string): string {
  const encoded = Buffer.from(claims).toString('base64');
  return `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${encoded}"`;
}

/** The tenant a request's token names, not verified: good for logs and fault rules only. */
export function claimedTenant(request: LabRequest): string | undefined {
  const payload = /^Bearer [^.]+\.([^.]+)\./i.exec(request.headers.authorization ?? '')?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null || !('tid' in claims)) return undefined;
    return typeof claims.tid === 'string' ? claims.tid : undefined;
  } catch {
    return undefined;
  }
}
