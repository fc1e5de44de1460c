import type { Command } from 'commander';
import { isGuid } from '../../../shared/text.ts';
import { counted } from '../../output/amounts.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen, type Style } from '../../output/screen.ts';
import { table } from '../../output/table.ts';
import { addTenantOptions, apiOf, changeAsItIs, type TenantOptions } from './target.ts';

/** Path of invitations in the API. */
export const INVITATIONS = '/api/tenants/invitations';

/** An invitation as the API shows it. */
export interface ShownInvitation {
  readonly invitationId: string;
  readonly state: string;
  readonly tenantId?: string;
  readonly name?: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly use?: { readonly tenantId: string };
  readonly events: readonly { readonly at: string; readonly what: string }[];
}

const STYLES: Readonly<Record<string, Style>> = { invited: 'yellow', used: 'green' };

/** `outrider tenants invitations`: newest first. */
export function registerTenantsInvitations(tenants: Command): void {
  const list = tenants
    .command('invitations')
    .description('List invitations, newest first, with what happened last.')
    .option('--state <states>', 'only in these: invited, used, expired, withdrawn')
    .addHelpText('after', '\nExample:\n  $ outrider tenants invitations --state invited');
  addTenantOptions(list).action(async (options: TenantOptions & { readonly state?: string }) => {
    const query = new URLSearchParams({ top: '1000' });
    if (options.state !== undefined) query.set('state', options.state);
    const api = await apiOf(options);
    const found = [...(await api.items<ShownInvitation>(`${INVITATIONS}?${query}`))];
    found.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    if (options.output === 'json') return printJson(found);
    tell(found);
  });
}

/** `outrider tenants withdraw INVITATION`. */
export function registerTenantsWithdraw(tenants: Command): void {
  const withdraw = tenants
    .command('withdraw')
    .description('Take an invitation back: its link leads nowhere from now on.')
    .argument('<invitation>', 'its id, as "outrider tenants invitations" shows it')
    .addHelpText('after', '\nExample:\n  $ outrider tenants withdraw eb95e021-…');
  addTenantOptions(withdraw).action(async (id: string, options: TenantOptions) => {
    if (!isGuid(id)) fail(EXIT.usage, `${id.slice(0, 100)} is no id of an invitation.`);
    const api = await apiOf(options);
    const path = `${INVITATIONS}/${id.toLowerCase()}`;
    const invitation = await changeAsItIs<ShownInvitation>(api, path, { method: 'DELETE' });
    if (options.output === 'json') return printJson(invitation);
    createScreen().line(`The invitation ${invitation.invitationId} is ${invitation.state}.`);
  });
}

function tell(found: readonly ShownInvitation[]): void {
  const screen = createScreen();
  if (found.length > 0) {
    screen.line(
      table<ShownInvitation>(
        [
          { title: 'Invitation', text: ({ invitationId }) => invitationId },
          { title: 'Name', text: ({ name }) => name ?? '', shrinkTo: 12 },
          { title: 'Tenant', text: ({ use, tenantId }) => use?.tenantId ?? tenantId ?? 'any that is new' },
          { title: 'State', text: ({ state }) => state, style: ({ state }) => STYLES[state] },
          { title: 'Valid until', text: ({ expiresAt }) => expiresAt },
          { title: 'Last', text: ({ events }) => events.at(-1)?.what ?? '' },
        ],
        found,
        { screen },
      ),
    );
  }
  screen.line(`${counted(found.length, 'invitation')}.`);
}
