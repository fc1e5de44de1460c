import { type Command, Option } from 'commander';
import { inspectToken, type TokenReport } from '../../shared/auth/inspect-token.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import { OWN_CALLS } from '../../shared/http/own-calls.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';
import { factLines } from '../output/facts.ts';
import { EXIT, fail } from '../output/failure.ts';
import { printJson } from '../output/json.ts';
import { addOutputOptions } from '../output/output-options.ts';
import { createScreen } from '../output/screen.ts';
import { PERSON_RESOURCES, type PersonResource, RESOURCE_NAMES } from '../sign-in/resources.ts';
import { type ActAs, asOption, personToken, type SignedInAs, signInAs } from '../sign-in/sign-in-as.ts';
import { directoryIdOf, tenantNamed } from '../sign-in/target.ts';
import { expiryWords } from '../sign-in/token-words.ts';

interface ShowOptions {
  readonly resource: PersonResource;
  readonly tenant?: string;
  readonly output: 'text' | 'json';
  readonly raw?: boolean;
  readonly as?: ActAs;
}

const HELP = `
The token itself is shown with --raw only: whoever has it can do what
you can, until it expires.

Examples:
  $ outrider token show --resource graph
  $ curl -H "Authorization: Bearer $(outrider token show --resource outrider --raw)" …/api/tenants`;

/** `outrider token …`: tokens that commands work with. */
export function registerToken(program: Command): void {
  const token = program.command('token').description('Look at the tokens that commands work with.');
  const show = token
    .command('show')
    .description('Say in words what a token allows, and until when.')
    .addOption(
      new Option('--resource <name>', 'which API it is for').choices([...PERSON_RESOURCES]).default('graph'),
    )
    .option('--tenant <id or name>', 'for data of this tenant (default: the one signed in to)')
    .addOption(asOption())
    .addOption(new Option('--raw', 'the token itself, alone on stdout').conflicts('output'))
    .addHelpText('after', HELP)
    .action(showToken);
  addOutputOptions(show, ['text', 'json']);
}

async function showToken(options: ShowOptions): Promise<void> {
  const config = readConfig();
  const as = await signInAs(options.as, config);
  const text = await tokenFor(as, config, options);
  if (options.raw) {
    process.stdout.write(`${text}\n`);
    return;
  }
  const report = await reportOn(text, options.resource, config);
  if (options.output === 'json') printJson({ ...report, claims: withDates(report.claims) });
  else showReport(report, options.resource);
}

async function reportOn(token: string, resource: PersonResource, config: Config): Promise<TokenReport> {
  const apiClientId = config.api?.clientId;
  if (resource !== 'outrider') return inspectToken(token, { permissions: PERMISSIONS, apiClientId });
  const { createOutrider } = await import('../../shared/app.ts');
  const { authenticate } = createOutrider(config);
  const verify = (text: string): Promise<unknown> => authenticate(`Bearer ${text}`);
  return inspectToken(token, { permissions: PERMISSIONS, apiClientId, ownCalls: OWN_CALLS, verify });
}

async function tokenFor(as: SignedInAs, config: Config, { resource, tenant }: ShowOptions): Promise<string> {
  const named = tenant === undefined ? undefined : await directoryIdOf(tenantNamed(config, tenant), as.cloud);
  if (as.person) {
    const { person, cloud } = as;
    const home = resource === 'outrider' ? config.api?.tenantId : undefined;
    return (await personToken(person, { config, cloud, resource, tenant: named ?? home })).text;
  }
  if (resource === 'outrider') return as.getApiToken();
  return as.getToken({ tenant: named ?? onlyTenant(config), resource });
}

function onlyTenant({ tenants }: Pick<Config, 'tenants'>): string {
  const [only, ...more] = tenants;
  if (only && more.length === 0) return only.id;
  return fail(EXIT.usage, `Say where: --tenant, one of ${tenants.map(({ name }) => name).join(', ')}.`);
}

const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

const withDates = ({ issuedAt, expiresAt, ...claims }: TokenReport['claims']) => ({
  ...claims,
  issuedAt: iso(issuedAt),
  expiresAt: iso(expiresAt),
});

function showReport({ claims, calls, verified, refusal }: TokenReport, resource: PersonResource): void {
  const screen = createScreen();
  const { kind, who, objectId, tenantId, appId, appName, audience, issuer, issuedAt, expiresAt } = claims;
  const isUser = kind === 'user';
  const allowed = calls.filter((call) => call.allowed).map(({ call }) => call);
  const lacking = calls.filter((call) => !call.allowed);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['For', `${RESOURCE_NAMES[resource]}${audience ? ` (${audience})` : ''}`],
    [isUser ? 'Person' : 'App', who],
    ['Object id', objectId],
    ['Tenant', tenantId],
    ['By app', isUser ? [appName, appId].filter((text) => text !== undefined).join(', ') : undefined],
    ['Roles', claims.roles.join(', ') || 'none'],
    ['Scopes', isUser ? claims.scopes.join(', ') || 'none' : undefined],
    ['Proved by', claims.signedInBy.join(', ') || claims.clientProof],
    ['Issuer', issuer],
    ['Checked', verified === undefined ? undefined : verified ? 'the Outrider API takes it' : refusal],
    ['Issued', iso(issuedAt)],
    [
      'Expires',
      expiresAt === undefined ? undefined : `${iso(expiresAt)} (${expiryWords(expiresAt, Date.now())})`,
    ],
    ['Allows', allowed.join('; ') || 'no call of Outrider'],
    ...lacking.map(({ call, missing }) => ['Not', `${call}: ${missing.join(' and ')} is missing`] as const),
  ];
  const known = facts.flatMap(([label, value]) => (value ? [[label, value] as const] : []));
  for (const line of factLines(known, screen)) screen.line(line);
}
