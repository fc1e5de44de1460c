import type { LabCaller, LabRequest } from '../service.ts';

/** Whether a token carries one of these permissions, as an application's or a user's. */
export function isAllowed(caller: LabCaller, permissions: readonly string[]): boolean {
  return permissions.some((name) => caller.roles.includes(name) || caller.scopes.includes(name));
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
