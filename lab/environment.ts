import type { World } from './world.ts';

export interface EnvironmentOptions {
  readonly world: World;
  readonly proxyUrl: string;
  /** File of the lab's certificate authority, PEM. */
  readonly authorityFile: string;
  readonly identity: { readonly endpoint: string; readonly header: string };
  /** How far back the first load reaches, in days; the product's default when missing. */
  readonly backfillDays?: number;
  /** For how many days the product keeps history and resolved incidents; its defaults when missing. */
  readonly retentionDays?: number;
}

/** What the app is configured with: the settings that a deployment in Azure has, and the way into the lab. */
export function appEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { world, backfillDays, retentionDays } = options;
  return {
    ...networkEnvironment(options),
    IDENTITY_ENDPOINT: options.identity.endpoint,
    IDENTITY_HEADER: options.identity.header,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureWebJobsStorage__accountName: world.storageAccount,
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId: world.identities.storage.clientId,
    OUTRIDER_TENANTS: JSON.stringify(
      world.tenants.map(({ id, name, api, credential }) => ({ id, name, api, credential })),
    ),
    OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: world.identities.federation.clientId,
    OUTRIDER_VAULT_URL: `https://${world.vaultHost}`,
    OUTRIDER_VAULT_IDENTITY_CLIENT_ID: world.identities.vault.clientId,
    OUTRIDER_STORAGE_IDENTITY_CLIENT_ID: world.identities.storage.clientId,
    OUTRIDER_API_CLIENT_ID: world.api.clientId,
    OUTRIDER_API_TENANT_ID: world.home.id,
    // Only a directory that is a tenant here issues tokens by which work is done in a person's own name.
    OUTRIDER_API_CALLERS: 'multi-tenant',
    OUTRIDER_CLI_CLIENT_ID: world.commandLine.clientId,
    ...(backfillDays === undefined ? {} : { OUTRIDER_BACKFILL_DAYS: String(backfillDays) }),
    ...(retentionDays === undefined
      ? {}
      : {
          OUTRIDER_HISTORY_DAYS: String(retentionDays),
          OUTRIDER_RESOLVED_DAYS: String(retentionDays),
        }),
  };
}

/** The settings that lead all traffic of a process into the lab. Node obeys them from 24.5 on. */
export function networkEnvironment({
  proxyUrl,
  authorityFile,
}: Pick<EnvironmentOptions, 'proxyUrl' | 'authorityFile'>): Record<string, string> {
  return {
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: proxyUrl,
    // Plain http has nowhere to go in the lab: the proxy refuses and records it.
    HTTP_PROXY: proxyUrl,
    NO_PROXY: '127.0.0.1,localhost',
    NODE_EXTRA_CA_CERTS: authorityFile,
    // The Functions host of Core Tools is no Node: on Linux .NET trusts what this names, and nothing else is reached here.
    SSL_CERT_FILE: authorityFile,
  };
}

/** Names that would lead a process around the lab, or mix a real deployment's settings into it. */
const MISLEADING =
  /^((https?|all|no)_proxy|node_(use_env_proxy|extra_ca_certs|use_system_ca|tls_reject_unauthorized)|ssl_cert_(file|dir)|azurewebjobs.*|(azure|identity|msi|outrider)_.*)$/i;

/** The environment for a process in the lab: `base` without what could lead astray, and the lab's settings. */
export function processEnvironment(
  settings: Readonly<Record<string, string>>,
  base: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !MISLEADING.test(name)) kept[name] = value;
  }
  return { ...kept, ...settings };
}
