import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { readConfig } from '../../shared/config.ts';
import { createScreen } from '../output/screen.ts';
import { storeHere, tell, thisMachine } from '../sign-in/here.ts';
import { PERSON_RESOURCES, type PersonResource, RESOURCE_NAMES, scopeOf } from '../sign-in/resources.ts';
import type { NewSignIn } from '../sign-in/sign-in-flows.ts';
import { createSignInLimit } from '../sign-in/sign-in-limit.ts';
import { clientIdFor, cloudFor, loginTenantFor } from '../sign-in/target.ts';

interface LoginOptions {
  readonly deviceCode?: boolean;
  readonly tenant?: string;
  readonly cloud?: string;
  readonly clientId?: string;
  readonly resource?: PersonResource;
  readonly port?: number;
}

const BROWSER_LIMIT_MS = 5 * 60_000;
/** As long as a device code of Entra ID is good. */
const DEVICE_LIMIT_MS = 15 * 60_000;

const HELP = `
Sign-in happens in the browser of this machine; --device-code uses one
anywhere else.
Exit code: 0 signed in, 1 not, 2 wrong use.

Examples:
  $ outrider login
  $ outrider login --tenant contoso.onmicrosoft.com
  $ outrider login --device-code`;

/** `outrider login`: signs a person in, for this and later commands. */
export function registerLogin(program: Command): void {
  program
    .command('login')
    .description('Sign in as yourself, for all commands with --as user.')
    .option('--device-code', 'by a code that you enter in a browser anywhere')
    .option('--tenant <id or domain>', 'where to sign in; organizations: wherever you belong')
    .option('--cloud <name>', 'global, gcc, gcchigh or dod (default: OUTRIDER_CLOUD)')
    .option('--client-id <id>', 'the app to sign in by (default: OUTRIDER_CLI_CLIENT_ID)')
    .addOption(
      new Option('--resource <name>', 'what to be let in to first, where its rules ask more of you').choices([
        ...PERSON_RESOURCES,
      ]),
    )
    .addOption(
      new Option('--port <n>', 'of the redirect to this machine (default: a free one)')
        .argParser(portNumber)
        .conflicts('deviceCode'),
    )
    .addHelpText('after', HELP)
    .action(login);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
}

async function login(options: LoginOptions): Promise<void> {
  const config = readConfig();
  const cloud = cloudFor(config, options.cloud);
  const clientId = clientIdFor(config, options.clientId);
  const tenant = loginTenantFor(config, options.tenant);
  const resource = options.resource ?? (config.api ? 'outrider' : 'graph');
  const { entraOf } = await import('../sign-in/sign-in-service.ts');
  const { proxySettings } = await import('../sign-in/refusal-words.ts');
  const limit = createSignInLimit(options.deviceCode ? DEVICE_LIMIT_MS : BROWSER_LIMIT_MS);
  try {
    const signIn = await signInBy(options, {
      service: entraOf(cloud),
      clock: systemClock,
      proxy: proxySettings(process.env),
      clientId,
      tenant,
      scopes: [scopeOf(resource, cloud, config.api)],
      audience: RESOURCE_NAMES[resource],
      again: againOf(options),
      signal: limit.signal,
      tell,
    });
    await storeHere(clientId).replace({ ...signIn, cloud: cloud.name });
    const screen = createScreen();
    screen.line(`Signed in as ${screen.paint('bold', signIn.username)}, tenant ${signIn.tenantId}.`);
  } finally {
    limit.dispose();
  }
}

type Flow = Parameters<typeof import('../sign-in/sign-in-flows.ts')['signInWithDeviceCode']>[0];

async function signInBy(options: LoginOptions, flow: Flow): Promise<NewSignIn> {
  const { signInWithBrowser, signInWithDeviceCode } = await import('../sign-in/sign-in-flows.ts');
  if (options.deviceCode) return signInWithDeviceCode(flow);
  const { openBrowser } = await import('../sign-in/open-browser.ts');
  return signInWithBrowser({
    ...flow,
    port: options.port ?? 0,
    openBrowser: (url) => openBrowser(url, thisMachine()),
  });
}

/** The same command once more. */
function againOf({ deviceCode, tenant, cloud }: LoginOptions): string {
  const parts = [deviceCode && '--device-code', tenant && `--tenant ${tenant}`, cloud && `--cloud ${cloud}`];
  return ['outrider login', ...parts.filter((part) => part)].join(' ');
}
