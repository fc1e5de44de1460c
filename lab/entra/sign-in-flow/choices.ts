import { type Directory, type DirectoryTenant, findTenant, sameId } from '../directory.ts';
import type { Choice } from '../pages/sign-in-pages.ts';
import type { SignInRequest } from './interactions.ts';

/**
 * Who may sign in: the tenant's users, or without a tenant everybody of the cloud where they are at home. A hint
 * that names one of them leaves only that one.
 */
export function choicesOf(
  directory: Directory,
  { tenant, cloud, loginHint }: Pick<SignInRequest, 'tenant' | 'cloud' | 'loginHint'>,
): readonly Choice[] {
  const choices = directory.users.flatMap(({ id, name, userPrincipalName, tenantId, guestOf }) => {
    const place = findTenant(directory, tenantId);
    const isThere = tenant === undefined ? guestOf === undefined : sameId(tenant.id, tenantId);
    if (place === undefined || !isThere || !isIn(place, cloud.name)) return [];
    return [{ id, name, userPrincipalName, tenant: place.name }];
  });
  const hinted = choices.filter(
    ({ userPrincipalName }) => userPrincipalName.toLowerCase() === loginHint?.toLowerCase(),
  );
  return hinted.length > 0 ? hinted : choices;
}

function isIn({ cloud = 'global' }: DirectoryTenant, name: string): boolean {
  return cloud === name;
}
