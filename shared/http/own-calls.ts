import type { NeededByCall } from '../auth/inspect-token.ts';
import { ACTIONS } from './actions.ts';
import { USER_SCOPE } from './authorize.ts';
import { type ApiRoute, ROUTES } from './routes-table.ts';

/**
 * What each route of the Outrider API needs of a token, by the table that guards and documents them; those that are open
 * to everybody are left out.
 */
export const OWN_CALLS: readonly NeededByCall[] = (ROUTES as readonly ApiRoute[]).flatMap(
  ({ method, path, action, inUsersName }) => {
    if (action === undefined) return [];
    const call = `${method} /api/${path}`;
    const scopes = [USER_SCOPE];
    const asApp: NeededByCall = { call, roles: [ACTIONS[action]], scopes, both: true };
    const asUser: NeededByCall = { call: `${call} with actAs: user`, roles: [], scopes, usersOnly: true };
    return inUsersName ? [asApp, asUser] : [asApp];
  },
);
