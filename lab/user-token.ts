import type { Directory, TokenVersion } from './entra/directory.ts';
import type { Entra } from './entra/entra.ts';
import { findUser } from './entra/users.ts';
import { type Part, personOf } from './people.ts';
import type { World } from './world.ts';

/** Whose token, and what it says. */
export interface UserTokenOptions {
  /** Which person of the tenant; default the operator, who may read and write in Defender. */
  readonly part?: Part;
  /** Default the home tenant. */
  readonly tenantId?: string;
  /** Object id of the user, instead of a part. */
  readonly userId?: string;
  /** App roles of the Outrider API; default those that the directory gives the user. */
  readonly roles?: readonly string[];
  /** Default `access_as_user`. */
  readonly scopes?: readonly string[];
  /** Default the Outrider API. */
  readonly audience?: string;
  /** Default the command line. */
  readonly appId?: string;
  /** Whether the sign-in had a second factor; default false. */
  readonly hasSecondFactor?: boolean;
  /** Authentication contexts that the sign-in has met; default none. */
  readonly contexts?: readonly string[];
  readonly version?: TokenVersion;
  /** Negative makes a token that has expired. */
  readonly lifetimeSeconds?: number;
}

/** A user's token without a sign-in: what a client has after one. */
export function issueUserToken(
  {
    entra,
    world,
    directory,
  }: { readonly entra: Entra; readonly world: World; readonly directory: Directory },
  options: UserTokenOptions = {},
): Promise<string> {
  const { part = 'operator', tenantId = world.home.id, userId, roles, ...wanted } = options;
  const objectId = userId ?? personOf(world, tenantId, part).id;
  const assigned = findUser(directory, tenantId, objectId)?.appRoles?.[world.api.clientId] ?? [];
  return entra.issue({
    tenantId,
    appId: world.commandLine.clientId,
    audience: world.api.clientId,
    scopes: ['access_as_user'],
    clientProof: '0',
    ...wanted,
    objectId,
    roles: roles ?? assigned,
  });
}
