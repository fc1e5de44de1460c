import { type Command, InvalidArgumentError } from 'commander';
import { factLines } from '../../output/facts.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { addFactOptions, type FactOptions, factsOf, requireDirectoryId } from './add.ts';
import { INVITATIONS, type ShownInvitation } from './invitations.ts';
import { addTenantOptions, apiOf } from './target.ts';

interface InviteOptions extends FactOptions {
  readonly days?: number;
  readonly from?: string;
  readonly note?: string;
}

const EXAMPLES = `
Examples:
  $ outrider tenants invite 7c2f3d4e-… --name Fabrikam --client-id 1b9a… --from "Contoso Security"
  $ outrider tenants invite --client-id 1b9a… --days 2 --output json`;

/** `outrider tenants invite [TENANT]`: prints a link, once. */
export function registerTenantsInvite(tenants: Command): void {
  const invite = tenants
    .command('invite')
    .description("Make a link by which a customer's admin connects their tenant, once.")
    .argument('[tenant]', 'its directory id: no other can be connected then; default any that is new')
    .option('--days <number>', 'how long the link is valid, 1 to 30; default 7', wholeNumber)
    .option('--from <name>', 'who invites, as the admin reads it; default the address of the deployment')
    .option('--note <text>', 'for the team; the admin does not see it')
    .addHelpText('after', EXAMPLES);
  addFactOptions(invite, ['federated', 'certificate', 'secret']);
  addTenantOptions(invite).action(async (tenantId: string | undefined, options: InviteOptions) => {
    const body = invitationOf(tenantId, options);
    const api = await apiOf(options);
    const { body: made } = await api.call<ShownInvitation & { readonly link: string }>(INVITATIONS, {
      method: 'POST',
      body,
    });
    if (options.output === 'json') return printJson(made);
    const screen = createScreen();
    const facts = [
      ['Invitation', made.invitationId],
      ['Tenant', made.tenantId ?? 'any that is new'],
      ['Valid until', made.expiresAt],
    ] as const;
    for (const line of factLines(facts, screen)) screen.line(line);
    screen.line();
    screen.line(made.link);
    screen.line();
    screen.line('Send it to their admin. It is shown here and never again, and can be used once.');
  });
}

/** The body of the request that makes the invitation. */
export function invitationOf(tenantId: string | undefined, options: Omit<InviteOptions, 'output'>): object {
  if (tenantId !== undefined) requireDirectoryId(tenantId);
  const { days, from, note } = options;
  return { tenantId, ...factsOf(options), days, from, note };
}

function wholeNumber(text: string): number {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 30) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 to 30.');
}
