import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { OutriderApi } from '../../api/outrider-api.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { removalWords } from './show.ts';
import {
  addOneTenant,
  addTenantOptions,
  changeAsItIs,
  type ShownTenant,
  type TenantOptions,
  tenantAt,
} from './target.ts';

interface RemoveOptions extends TenantOptions {
  readonly yes?: boolean;
  readonly wait: number;
}

const LOOK_MS = 2_000;
const HELP = `
Exit code: 0 the removal is done, or has begun and was not waited for; 1 it is
refused, or not done in time. A tenant that was active a moment ago is removed
after 16 minutes: what was under way may still have stored something.

Example:
  $ outrider tenants remove Fabrikam --yes --wait 1800`;

/** `outrider tenants remove TENANT`: stops all calls and deletes what is stored of it. */
export function registerTenantsRemove(tenants: Command): void {
  const description = 'Stop all calls to a tenant and delete all that is stored of it. Its audit stays.';
  const remove = addOneTenant(tenants, 'remove', description)
    .option('--yes', 'really')
    .option('--wait <seconds>', 'until it is done', seconds, 0)
    .addHelpText('after', HELP);
  addTenantOptions(remove).action(async (word: string, options: RemoveOptions) => {
    if (!options.yes) {
      fail(
        EXIT.usage,
        `All that is stored of ${word} would be deleted, for good. Say --yes if that is meant.`,
      );
    }
    const { api, path } = await tenantAt(word, options);
    const tenant = await changeAsItIs<ShownTenant>(api, path, { method: 'DELETE' });
    const last = await untilDone(api, path, tenant, options.wait * 1_000);
    if (options.output === 'json') printJson(last);
    else createScreen().line(`${last.name} is ${last.state}. Removal: ${removalWords(last)}.`);
    process.exitCode = last.removal?.done || options.wait === 0 ? EXIT.done : EXIT.no;
  });
}

async function untilDone(
  api: OutriderApi,
  path: string,
  first: ShownTenant,
  mostMs: number,
): Promise<ShownTenant> {
  const giveUpAt = Date.now() + mostMs;
  let tenant = first;
  while (!tenant.removal?.done && Date.now() < giveUpAt) {
    await sleep(LOOK_MS);
    tenant = (await api.call<ShownTenant>(path)).body;
  }
  return tenant;
}

function seconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of seconds.');
}
