import type { Caller } from '../caller.ts';
import { OutriderError } from '../errors.ts';
import { ACTIONS, type Action } from './actions.ts';

/**
 * The one place that decides who may do what. Today an app role opens an action for all tenants of the deployment;
 * groups of tenants for a partner's analysts will be decided here too.
 *
 * @throws OutriderError `request.forbidden` naming the app role that is missing
 */
export function authorize(caller: Caller, action: Action, tenant: string | undefined): void {
  const role = ACTIONS[action];
  if (caller.roles.includes(role)) return;
  throw new OutriderError(
    'request.forbidden',
    `The caller ${caller.objectId} lacks the app role ${role} of the Outrider API. Assign it to the calling app or identity in Microsoft Entra ID.`,
    tenant === undefined ? {} : { tenant },
  );
}
