import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ROUTES } from '../shared/http/routes-table.ts';

const run = promisify(execFile);
const INFRA = join(resolve(import.meta.dirname, '..'), 'infra');
export const OPEN_PATHS = join(INFRA, 'modules/openPaths.bicep');
/** What is deployed, and the parameters that it is tried with. */
const TEMPLATES = ['bootstrap.bicep', 'entra/main.bicep', 'entra/customer.bicep', 'main.bicep'];
export const SIZES = ['one-tenant', 'partner', 'locked-down'];
const PARAMETERS = [
  'bootstrap.bicepparam',
  ...SIZES.flatMap((size) => [`sizes/${size}.main.bicepparam`, `sizes/${size}.entra.bicepparam`]),
];

/**
 * infra/modules/openPaths.bicep as the table of routes has it: the routes that a caller without a token may ask for,
 * below the prefix of host.json.
 *
 * @throws Error for an open route with a parameter in its path: App Service is documented to compare whole paths
 */
export async function openPathsText(
  routes: readonly { readonly path: string; readonly action: string | undefined }[] = ROUTES,
): Promise<string> {
  const host = JSON.parse(await readFile(join(INFRA, '../host.json'), 'utf8'));
  const prefix: string = host.extensions.http.routePrefix;
  const open = [
    ...new Set(routes.filter(({ action }) => action === undefined).map(({ path }) => path)),
  ].sort();
  const withParameter = open.find((path) => path.includes('{'));
  if (withParameter !== undefined) {
    throw new Error(
      `The open route ${withParameter} has a parameter in its path, which App Service cannot let through. Take it from the query.`,
    );
  }
  const paths = open.map((path) => `'/${prefix}/${path}'`).join(', ');
  return [
    '// Written by npm run infra:build from the table of routes, shared/http/routes-table.ts.',
    '',
    '@export()',
    "@description('Paths that the platform lets through without a token. Outrider checks there for itself.')",
    `var openPaths = [${paths}]`,
    '',
  ].join('\n');
}

/** Variables that parameter files read, with values that stand in for an environment's own. */
export const STAND_INS: Readonly<Record<string, string>> = {
  AZURE_ENV_NAME: 'build',
  AZURE_LOCATION: 'westeurope',
  AZURE_TENANT_ID: '00000000-0000-4000-8000-000000000001',
  OUTRIDER_API_CLIENT_ID: '00000000-0000-4000-8000-000000000002',
  OUTRIDER_GRAPH_CLIENT_ID: '00000000-0000-4000-8000-000000000003',
  OUTRIDER_CLI_CLIENT_ID: '00000000-0000-4000-8000-000000000004',
  OUTRIDER_NAME_PREFIX: 'outrider-build',
  OUTRIDER_FEDERATION_PRINCIPAL_ID: '00000000-0000-4000-8000-000000000005',
  OUTRIDER_CALLER_PRINCIPAL_ID: '00000000-0000-4000-8000-000000000006',
  OUTRIDER_ONBOARDING_CALLBACK_URL: 'https://example.azurewebsites.net/api/onboarding/callback',
};

/** Commands that lint and compile all of infra/ into `out`, with the CLI itself or through the Azure CLI. */
export function buildCommands(cli: 'bicep' | 'az', out: string): readonly (readonly string[])[] {
  const command = cli === 'az' ? ['az', 'bicep'] : ['bicep'];
  const file = (name: string): readonly string[] => (cli === 'az' ? ['--file', name] : [name]);
  return [
    ...TEMPLATES.flatMap((name) => [
      [...command, 'lint', ...file(name)],
      [...command, 'build', ...file(name), '--outdir', out],
    ]),
    ...PARAMETERS.map((name) => [
      ...command,
      'build-params',
      ...file(name),
      '--outfile',
      join(out, `${name.replaceAll('/', '-')}.json`),
    ]),
  ];
}

/** What Azure itself says of the templates, for whoever is signed in: nothing is deployed. */
export function validateCommands({
  location,
  size,
}: {
  readonly location: string;
  readonly size: string;
}): readonly (readonly string[])[] {
  const azure = ['az', 'deployment', 'sub', 'validate', '--location', location, '--output', 'none'];
  return ['bootstrap.bicepparam', `sizes/${size}.main.bicepparam`].map((name) => [
    ...azure,
    '--parameters',
    name,
  ]);
}

async function execute([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  console.log([file, ...args].join(' '));
  const { stdout, stderr } = await run(file, args, {
    cwd: INFRA,
    env,
    maxBuffer: 50_000_000,
    shell: process.platform === 'win32',
  });
  const said = `${stdout}${stderr}`.trim();
  if (said) console.log(said);
}

/** Writes what the code decides; then, where a CLI is there, lints, compiles and validates. */
async function build(env: NodeJS.ProcessEnv): Promise<void> {
  const openPaths = await openPathsText();
  // Whoever reads the templates meanwhile is not to find half a file.
  if ((await readFile(OPEN_PATHS, 'utf8')) !== openPaths) await writeFile(OPEN_PATHS, openPaths);
  const [hasBicep, hasAz] = [isOnPath('bicep', env.PATH), isOnPath('az', env.PATH)];
  if (!hasBicep && !hasAz) {
    console.log(
      'Neither bicep nor az is on PATH: npm test checks the templates as far as that goes without them.',
    );
    return;
  }
  const out = await mkdtemp(join(tmpdir(), 'outrider-infra-'));
  try {
    for (const command of buildCommands(hasBicep ? 'bicep' : 'az', out)) {
      await execute(command, { ...STAND_INS, ...env });
    }
  } finally {
    await rm(out, { recursive: true });
  }
  const { AZURE_ENV_NAME, AZURE_LOCATION: location, OUTRIDER_SIZE: size = 'one-tenant' } = env;
  if (!hasAz || !AZURE_ENV_NAME || !location) {
    console.log('Not validated by Azure: that needs az, signed in, and AZURE_ENV_NAME and AZURE_LOCATION.');
    return;
  }
  for (const command of validateCommands({ location, size }))
    await execute(command, { ...STAND_INS, ...env });
}

function isOnPath(name: string, path = ''): boolean {
  return path
    .split(delimiter)
    .some((folder) => ['', '.exe', '.cmd'].some((end) => existsSync(join(folder, `${name}${end}`))));
}

if (import.meta.main) await build(process.env);
