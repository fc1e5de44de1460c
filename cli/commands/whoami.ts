import type { Command } from 'commander';
import { inspectClaims } from '../../shared/auth/token-claims.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import { factLines } from '../output/facts.ts';
import { messageOf } from '../output/failure.ts';
import { printJson } from '../output/json.ts';
import { createScreen } from '../output/screen.ts';
import type { Person } from '../sign-in/person.ts';
import { openPersonHere, personToken } from '../sign-in/sign-in-as.ts';
import { expiryWords } from '../sign-in/token-words.ts';

/** What the person may do at the Outrider API, or why that is not known. */
type Rights =
  | { readonly roles: readonly string[]; readonly scopes: readonly string[]; readonly expiresAt: number }
  | { readonly unknown: string };

/** `outrider whoami`: who is signed in, and what they may do. 1 when nobody is, or the sign-in is no longer good. */
export function registerWhoami(program: Command): void {
  program
    .command('whoami')
    .description('Say who is signed in, where, until when, and with which roles at the Outrider API.')
    .option('--json', 'one JSON object {username, tenantId, cloud, clientId, roles, scopes, expiresAt}')
    .addHelpText('after', '\nExample:\n  $ outrider lab exec -- outrider whoami')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const config = readConfig();
      const person = await openPersonHere(config);
      const { username, tenantId, cloud, clientId } = person.signIn;
      const rights = await rightsOf(person, config);
      if (json) {
        const known = 'unknown' in rights ? { unknown: rights.unknown } : withDates(rights);
        return printJson({ username, tenantId, cloud, clientId, ...known });
      }
      const screen = createScreen();
      const facts = [
        ['Signed in', username],
        ['Tenant', tenantId],
        ['Cloud', cloud],
        ['App', clientId],
        ...rightFacts(rights),
      ] as const;
      for (const line of factLines(facts, screen)) screen.line(line);
    });
}

const withDates = ({ expiresAt, ...rest }: Exclude<Rights, { readonly unknown: string }>) => ({
  ...rest,
  expiresAt: new Date(expiresAt).toISOString(),
});

async function rightsOf(person: Person, config: Config): Promise<Rights> {
  const { api } = config;
  if (api === undefined) {
    return { unknown: 'OUTRIDER_API_CLIENT_ID and OUTRIDER_API_TENANT_ID name no API to ask' };
  }
  const cloud = CLOUDS[person.signIn.cloud];
  try {
    const token = await personToken(person, { config, cloud, resource: 'outrider', tenant: api.tenantId });
    const { roles, scopes } = inspectClaims(token.text);
    return { roles, scopes, expiresAt: token.expiresAt };
  } catch (error) {
    return { unknown: messageOf(error) };
  }
}

function rightFacts(rights: Rights): readonly (readonly [string, string])[] {
  if ('unknown' in rights) return [['Rights', `unknown: ${rights.unknown}`]];
  const { roles, scopes, expiresAt } = rights;
  return [
    ['Roles', roles.join(', ') || 'none at the Outrider API: ask its owner for an app role'],
    ['Scopes', scopes.join(', ') || 'none'],
    [
      'Until',
      `${new Date(expiresAt).toISOString()} (${expiryWords(expiresAt, Date.now())}); renewed as it is used`,
    ],
  ];
}
