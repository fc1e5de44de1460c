import type { Command } from 'commander';
import type { Outrider } from '../../shared/app.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { toOutriderError } from '../../shared/errors.ts';
import { daysIfSoon, expiryWords } from '../../shared/preflight/credential-expiry.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { allTenants } from '../all-tenants.ts';
import { counted } from '../output/amounts.ts';
import { EXIT } from '../output/failure.ts';
import { printJson } from '../output/json.ts';
import { createScreen } from '../output/screen.ts';

const SIGN_INS_AT_ONCE = 16;

/** One thing looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** What is wrong and what to do; or what was seen. */
  readonly text: string;
}

/** `outrider doctor`: is everything that this environment configures right, and does it answer? */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Check settings, storage, vault and the sign-in of every tenant; say what to mend.')
    .option('--json', 'one JSON object {ok, findings}')
    .option('--offline', 'settings only: send nothing')
    .addHelpText('after', '\nExample:\n  outrider lab exec -- outrider doctor\n')
    .action(async ({ json, offline }: { readonly json?: boolean; readonly offline?: boolean }) => {
      const { createOutrider } = await import('../../shared/app.ts');
      const outrider = createOutrider();
      const findings = [...settingsFindings(outrider), ...(offline ? [] : await liveFindings(outrider))];
      const ok = findings.every((finding) => finding.ok);
      if (json) printJson({ ok, findings });
      else show(findings);
      process.exitCode = ok ? EXIT.done : EXIT.no;
    });
}

function settingsFindings({ config }: Outrider): Finding[] {
  if (config.faults.length > 0)
    return config.faults.map(({ setting, text }) => ({ what: setting, ok: false, text }));
  return [
    {
      what: 'settings',
      ok: true,
      text: `whole; ${counted(config.tenants.length, 'tenant')} in cloud ${config.cloud.name}`,
    },
  ];
}

async function liveFindings(outrider: Outrider): Promise<Finding[]> {
  const { checks } = await outrider.health();
  const all = await allTenants(outrider);
  const tenants = await mapLimit(all, SIGN_INS_AT_ONCE, (tenant) => signInFinding(outrider, tenant));
  return [
    ...checks.map(({ name, ok, text, ms }) => ({ what: name, ok, text: text ?? `answers in ${ms} ms` })),
    ...tenants,
  ];
}

async function signInFinding(outrider: Outrider, tenant: Tenant): Promise<Finding> {
  const what = `sign-in to ${tenant.name}`;
  if (!tenant.enabled) return { what, ok: true, text: 'the tenant is disabled: not tried' };
  try {
    await outrider.getToken({ tenant: tenant.id, resource: tenant.api });
    const token = `a token for the ${tenant.api} API by ${tenant.credential.kind} credential`;
    const ends = await expiryOf(outrider, tenant);
    return { what, ok: true, text: ends === undefined ? token : `${token}, which ${ends}` };
  } catch (error) {
    return { what, ok: false, text: toOutriderError(error, tenant.id).message };
  }
}

/** When the credential expires, in words, where that is soon. */
async function expiryOf({ credentialExpiry }: Outrider, tenant: Tenant): Promise<string | undefined> {
  const expiresAt = await credentialExpiry(tenant);
  const days = daysIfSoon(expiresAt, Date.now());
  return days === undefined || expiresAt === undefined ? undefined : expiryWords(days, expiresAt);
}

function show(findings: readonly Finding[]): void {
  const screen = createScreen();
  for (const { what, ok, text } of findings) {
    screen.line(
      `${ok ? screen.paint('green', 'ok   ') : screen.paint('red', 'WRONG')}  ${screen.paint('bold', what)}: ${text}`,
    );
  }
  const wrong = findings.filter(({ ok }) => !ok).length;
  screen.line(wrong === 0 ? 'All is well.' : `${counted(wrong, 'thing')} to mend.`);
}
