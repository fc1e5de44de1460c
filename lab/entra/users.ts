import { type Directory, sameId } from './directory.ts';
import type { Resource } from './resources.ts';

/** A person in one tenant's directory. A guest of another tenant is a user of both, with two object ids. */
export interface DirectoryUser {
  /** Object id in this tenant. */
  id: string;
  tenantId: string;
  /** Display name. */
  name: string;
  userPrincipalName: string;
  /** Default true. */
  isEnabled?: boolean;
  /** May consent for the whole tenant, as a Global Administrator may; default false. */
  isAdmin?: boolean;
  /**
   * What the user's Entra role lets them do in Defender: a Security Reader `read`, a Security Operator `write`;
   * default `none`. https://learn.microsoft.com/graph/api/security-list-incidents#permissions
   */
  defender?: DefenderAccess;
  /** Id of the app that is a resource -> its app roles that the user has. */
  appRoles?: Record<string, string[]>;
  /** Object id in the home tenant, for a guest. */
  guestOf?: string;
}

export type DefenderAccess = 'none' | 'read' | 'write';

export function findUser(directory: Directory, tenantId: string, id: string): DirectoryUser | undefined {
  return directory.users.find((user) => sameId(user.tenantId, tenantId) && sameId(user.id, id));
}

/** The same person in another tenant: as a guest there, or a guest at home. */
export function guestIn(
  directory: Directory,
  user: DirectoryUser,
  tenantId: string,
): DirectoryUser | undefined {
  if (sameId(user.tenantId, tenantId)) return user;
  const home = user.guestOf ?? user.id;
  return directory.users.find(
    (other) =>
      sameId(other.tenantId, tenantId) &&
      (sameId(other.id, home) || (other.guestOf !== undefined && sameId(other.guestOf, home))),
  );
}

/** The app roles of a resource that a user has. */
export function appRolesOf({ appRoles = {} }: DirectoryUser, { names }: Resource): readonly string[] {
  return Object.entries(appRoles)
    .filter(([resource]) => names.some((name) => sameId(name, resource)))
    .flatMap(([, roles]) => roles);
}
