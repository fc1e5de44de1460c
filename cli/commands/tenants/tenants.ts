import type { Command } from 'commander';
import { registerTenantsAdd } from './add.ts';
import { registerTenantsResume, registerTenantsSuspend } from './change-state.ts';
import { registerTenantsCheck } from './check.ts';
import { registerTenantsInvitations, registerTenantsWithdraw } from './invitations.ts';
import { registerTenantsInvite } from './invite.ts';
import { registerTenantsList } from './list.ts';
import { registerTenantsRemove } from './remove.ts';
import { registerTenantsShow } from './show.ts';

const EXAMPLES = `
Examples:
  $ export OUTRIDER_API_URL=https://outrider.azurewebsites.net
  $ outrider login && outrider tenants list --as user
  $ outrider tenants suspend Fabrikam
  $ outrider tenants remove Fabrikam --yes --wait 1800`;

/** `outrider tenants …`: the tenants of a deployment, through its API. */
export function registerTenants(program: Command): void {
  const tenants = program
    .command('tenants')
    .description('List, add, invite, check, suspend, resume and remove the tenants of a deployment.')
    .addHelpText('after', EXAMPLES);
  for (const register of [
    registerTenantsList,
    registerTenantsShow,
    registerTenantsAdd,
    registerTenantsInvite,
    registerTenantsInvitations,
    registerTenantsWithdraw,
    registerTenantsCheck,
    registerTenantsSuspend,
    registerTenantsResume,
    registerTenantsRemove,
  ])
    register(tenants);
}
