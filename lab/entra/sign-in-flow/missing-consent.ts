import { consentedScopes } from '../consents.ts';
import type { DelegatedScope } from '../delegated-scope.ts';
import { type DirectoryApp, type DirectoryTenant, sameId } from '../directory.ts';
import { withoutSlash } from '../names.ts';
import type { DirectoryUser } from '../users.ts';

/** Permissions of one resource that nobody has consented to yet. */
export interface MissingConsent {
  readonly resource: string;
  readonly names: readonly string[];
  /** Whether only an admin can give one of them. */
  readonly needsAdmin: boolean;
}

/** What an app wants in a user's name and does not have; `/.default` stands for what its registration asks for. */
export function missingConsent(
  app: DirectoryApp,
  { user, tenant }: { readonly user: DirectoryUser; readonly tenant: DirectoryTenant },
  scopes: readonly DelegatedScope[],
): readonly MissingConsent[] {
  return scopes.flatMap((scope) => {
    const consented = consentedScopes(app, { tenantId: tenant.id, userId: user.id }, scope.resource);
    const asked = scope.isDefault && consented.length === 0 ? requiredScopes(app, scope) : [];
    const names = [...scope.scopes, ...asked].filter((name) => !consented.includes(name));
    const resource = scope.resource.names[0] ?? scope.name;
    if (names.length === 0) return [];
    return [{ resource, names, needsAdmin: tenant.usersMayConsent === false || names.some(isForAdmins) }];
  });
}

function requiredScopes({ requires = [] }: DirectoryApp, { resource }: DelegatedScope): readonly string[] {
  return requires
    .filter((one) => resource.names.some((name) => sameId(name, withoutSlash(one.resource))))
    .flatMap(({ scopes }) => scopes);
}

/** Microsoft's permissions for a whole tenant's data: https://learn.microsoft.com/graph/permissions-reference */
function isForAdmins(scope: string): boolean {
  return scope.endsWith('.All');
}
