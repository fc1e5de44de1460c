import { type Directory, type ManagedIdentity, sameId } from '../entra/directory.ts';

/** Query parameters that name a user-assigned identity, and what they are compared with. */
const PARAMETERS: Readonly<Record<string, 'clientId' | 'principalId' | 'resourceId'>> = {
  client_id: 'clientId',
  principal_id: 'principalId',
  object_id: 'principalId',
  mi_res_id: 'resourceId',
  msi_res_id: 'resourceId',
};

/**
 * The identity that a request names, or the system-assigned one when it names none. Undefined when there is
 * no such identity, or when the request names more than one way.
 */
export function findIdentity(directory: Directory, query: URLSearchParams): ManagedIdentity | undefined {
  const named = Object.entries(PARAMETERS).flatMap(([parameter, field]) => {
    const value = query.get(parameter);
    return value === null ? [] : [{ field, value }];
  });
  if (named.length > 1) return undefined;
  const [wanted] = named;
  if (wanted === undefined) return directory.managedIdentities.find(({ kind }) => kind === 'system');
  return directory.managedIdentities.find((identity) => sameId(identity[wanted.field], wanted.value));
}
