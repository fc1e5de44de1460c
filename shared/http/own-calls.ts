import type { NeededByCall } from '../auth/inspect-token.ts';
import { ACTIONS } from './actions.ts';
import { USER_SCOPE } from './authorize.ts';
import { type ApiRoute, ROUTES } from './routes-table.ts';

/** What each route of the Outrider API needs of a token, by the table that guards and documents them. */
export const OWN_CALLS: readonly NeededByCall[] = (ROUTES as readonly ApiRoute[]).map(
  ({ method, path, action }) => ({
    call: `${method} /api/${path}`,
    roles: action === undefined ? [] : [ACTIONS[action]],
    scopes: action === undefined ? [] : [USER_SCOPE],
    both: true,
  }),
);
