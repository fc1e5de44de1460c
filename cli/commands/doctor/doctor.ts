import { type Command, InvalidArgumentError } from 'commander';
import type { Outrider } from '../../../shared/app.ts';
import { mapLimit } from '../../../shared/concurrency.ts';
import { toOutriderError } from '../../../shared/errors.ts';
import { daysIfSoon, expiryWords } from '../../../shared/preflight/credential-expiry.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { allTenants } from '../../all-tenants.ts';
import { counted } from '../../output/amounts.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { addOutputOptions } from '../../output/output-options.ts';
import { type ActAs, asOption } from '../../sign-in/sign-in-as.ts';
import { type Finding, show } from './finding.ts';

const SIGN_INS_AT_ONCE = 16;

interface DoctorOptions {
  readonly url?: string;
  readonly as?: ActAs;
  readonly wait?: number;
  readonly output: 'text' | 'json';
  readonly offline?: boolean;
}

const HELP = `
Exit code: 0 all that was looked at is well, 1 something is to be mended,
2 wrong use.

Examples:
  $ outrider lab exec -- outrider doctor
  $ outrider doctor --url https://<app>.azurewebsites.net
  $ outrider doctor --url https://<app>.azurewebsites.net --as user --json   one object {ok, findings}
`;

/** `outrider doctor`: is everything right that this environment configures, or that is deployed somewhere? */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Check settings, storage, vault and sign-in, here or of a deployment; say what to mend.')
    .option('--url <address>', 'a deployment, from outside and, with a token, from inside')
    .addOption(asOption())
    .option(
      '--wait <minutes>',
      'how long a deployment may take to be well from outside (default: 0)',
      minutes,
    )
    .option('--offline', 'settings of this environment only: send nothing')
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => {
      const findings = await findingsFor(options);
      const ok = findings.every((finding) => finding.ok);
      if (options.output === 'json') printJson({ ok, findings });
      else show(findings);
      process.exitCode = ok ? EXIT.done : EXIT.no;
    });
  addOutputOptions(command, ['text', 'json']);
}

function minutes(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= 60) return count;
  throw new InvalidArgumentError('It is a number of minutes, 60 at most.');
}

async function findingsFor({
  url,
  as,
  offline,
  wait: waitMinutes,
}: DoctorOptions): Promise<readonly Finding[]> {
  if (url !== undefined) {
    if (offline)
      fail(EXIT.usage, 'Either --url or --offline: a deployment cannot be looked at without asking it.');
    const { deploymentFindings } = await import('./deployment.ts');
    return deploymentFindings({ url, as, waitMinutes });
  }
  if (as !== undefined || waitMinutes !== undefined) {
    fail(EXIT.usage, '--as and --wait are for a deployment: say --url as well.');
  }
  const { createOutrider } = await import('../../../shared/app.ts');
  const outrider = createOutrider();
  return [...settingsFindings(outrider), ...(offline ? [] : await liveFindings(outrider))];
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
