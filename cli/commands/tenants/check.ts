import { type Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../../shared/config.ts';
import type { Capability } from '../../../shared/permissions.ts';
import { CAPABILITIES } from '../../../shared/preflight/needs.ts';
import { counted } from '../../output/amounts.ts';
import { CommandFailure, EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { addOutputOptions } from '../../output/output-options.ts';
import { createProgress } from '../../output/progress.ts';
import { createScreen } from '../../output/screen.ts';
import { type ActAs, asOption } from '../../sign-in/sign-in-as.ts';
import { type Checked, showChecked } from './check-table.ts';
import { checkersFor, type TenantChecker } from './checkers.ts';
import { deployedCheckers } from './deployed-checkers.ts';
import { apiOf } from './target.ts';

interface CheckOptions {
  readonly all?: boolean;
  readonly capability?: readonly Capability[];
  readonly output: 'table' | 'json';
  readonly as?: ActAs;
  readonly url?: string;
}

/** Tenants that are looked at at the same time. */
const AT_ONCE = 8;

const HELP = `
Exit code: 0 all is well, 1 something is missing somewhere, 2 wrong use.

Examples:
  $ outrider tenants check Fabrikam
  $ outrider tenants check --all --output json
  $ outrider tenants check --all --capability incidents,alerts,hunting
  $ outrider tenants check --all --url https://outrider.azurewebsites.net
  $ outrider lab exec -- outrider tenants check --all`;

/**
 * `outrider tenants check`: how tenants stand, asked directly with the sign-in that the environment configures, or with
 * `--url` by a deployed app.
 */
export function registerTenantsCheck(tenants: Command): void {
  const command = tenants
    .command('check')
    .description('See what works in a tenant, what does not, and what is to be done. Nothing is changed.')
    .argument('[tenant...]', 'directory ids or names (default: the only one there is)')
    .option('--all', 'all tenants of the settings and the registry; with --url all active ones')
    .option('--capability <names>', `only these, with commas: ${CAPABILITIES.join(', ')}`, capabilities)
    .option('--url <address>', 'of a deployed app: it looks itself, with its own credentials')
    .addOption(asOption())
    .addHelpText('after', HELP)
    .action(checkTenants);
  addOutputOptions(command, ['table', 'json']);
}

function capabilities(text: string): readonly Capability[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = CAPABILITIES;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names as Capability[];
  throw new InvalidArgumentError(`It may name ${CAPABILITIES.join(', ')}.`);
}

async function checkTenants(words: readonly string[], options: CheckOptions): Promise<void> {
  const { all = false, capability, output, as } = options;
  if (all && words.length > 0) fail(EXIT.usage, 'Either tenants or --all, not both.');
  const checkers = await (options.url === undefined
    ? checkersFor({ config: readConfig(), as, words, all })
    : deployedCheckers(await apiOf(options), { words, all }));
  const checked = await checkAll(checkers, capability);
  if (output === 'json') printJson(await viewOf(checked));
  else showChecked(checked, createScreen());
  const wrong = checked.filter((each) => 'failure' in each || !each.found.ok).length;
  if (wrong === 0) return;
  fail(EXIT.no, `Something is missing in ${counted(wrong, 'tenant')} of ${checked.length}.`);
}

/** Whatever becomes of one tenant, the others are told of. */
async function checkAll(
  checkers: readonly TenantChecker[],
  wanted: readonly Capability[] | undefined,
): Promise<readonly Checked[]> {
  const { mapLimit } = await import('../../../shared/concurrency.ts');
  const { toOutriderError } = await import('../../../shared/errors.ts');
  const progress = createProgress(createScreen(process.stderr), 'tenants');
  let done = 0;
  try {
    return await mapLimit(checkers, AT_ONCE, async ({ tenant, check }): Promise<Checked> => {
      try {
        return { tenant, found: await check(wanted) };
      } catch (error) {
        if (error instanceof CommandFailure) throw error;
        const { code, message } = toOutriderError(error, tenant.id);
        return { tenant, failure: { code, text: message } };
      } finally {
        done += 1;
        if (checkers.length > 1) progress.set('checking', done, checkers.length);
      }
    });
  } finally {
    progress.stop();
  }
}

async function viewOf(checked: readonly Checked[]): Promise<readonly object[]> {
  const { preflightView } = await import('../../../shared/http/preflight-answer.ts');
  return checked.map((each) =>
    'found' in each
      ? { name: each.tenant.name, ...preflightView(each.found) }
      : { name: each.tenant.name, tenantId: each.tenant.id, ok: false, failure: each.failure },
  );
}
