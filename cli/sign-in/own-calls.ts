import type { NeededByCall } from '../../shared/auth/inspect-token.ts';
import { ACTIONS } from '../../shared/http/actions.ts';
import { ROUTES } from '../../shared/http/routes-table.ts';

/** The calls of the Outrider API, and what each needs of a token; those that are open to everybody are left out. */
export function ownCalls(): readonly NeededByCall[] {
  return ROUTES.flatMap(({ method, path, action }) =>
    action === undefined
      ? []
      : [
          {
            call: `${method} /api/${path}`,
            roles: [ACTIONS[action]],
            scopes: ['access_as_user'],
            both: true,
          },
        ],
  );
}
