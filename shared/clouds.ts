import { OutriderError } from './errors.ts';
import type { CloudName, Resource } from './tenant.ts';

/** Hosts and token audiences of one national cloud. */
export interface Cloud {
  readonly name: CloudName;
  /** Origin of the sign-in service. */
  readonly signIn: string;
  /** Audience of the federated assertion. */
  readonly assertionAudience: string;
  /** Audience for storage tokens and suffix of storage host names. */
  readonly storageAudience: string;
  readonly storageSuffix: string;
  /** Suffix of Key Vault host names. */
  readonly vaultSuffix: string;
  /** Where people look at an incident. */
  readonly portal: string;
  readonly resources: Readonly<Record<Resource, { readonly origin: string; readonly scope: string }>>;
}

const PUBLIC = {
  signIn: 'https://login.microsoftonline.com',
  assertionAudience: 'api://AzureADTokenExchange',
  storageAudience: 'https://storage.azure.com',
  storageSuffix: 'core.windows.net',
  vaultSuffix: 'vault.azure.net',
  portal: 'https://security.microsoft.com',
} as const;

const GOVERNMENT = {
  signIn: 'https://login.microsoftonline.us',
  assertionAudience: 'api://AzureADTokenExchangeUSGov',
  storageAudience: 'https://storage.azure.com',
  storageSuffix: 'core.usgovcloudapi.net',
  vaultSuffix: 'vault.usgovcloudapi.net',
} as const;

function resource(origin: string, audience = origin): { origin: string; scope: string } {
  return { origin, scope: `${audience}/.default` };
}

const GOVERNMENT_DEFENDER = {
  xdr: resource('https://api-gov.security.microsoft.us'),
  mde: resource('https://api-gov.securitycenter.microsoft.us'),
} as const;

/**
 * The clouds, from https://learn.microsoft.com/defender-xdr/usgov and the government page of Defender for
 * Endpoint (hosts), https://learn.microsoft.com/defender-xdr/api-create-app-web (audiences).
 */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  global: {
    name: 'global',
    ...PUBLIC,
    resources: {
      graph: resource('https://graph.microsoft.com'),
      xdr: resource('https://api.security.microsoft.com'),
      mde: resource('https://api.security.microsoft.com', 'https://api.securitycenter.microsoft.com'),
    },
  },
  gcc: {
    name: 'gcc',
    ...PUBLIC,
    resources: {
      graph: resource('https://graph.microsoft.com'),
      xdr: resource('https://api-gcc.security.microsoft.us'),
      mde: resource('https://api-gcc.securitycenter.microsoft.us'),
    },
  },
  gcchigh: {
    name: 'gcchigh',
    ...GOVERNMENT,
    portal: 'https://security.microsoft.us',
    resources: { graph: resource('https://graph.microsoft.us'), ...GOVERNMENT_DEFENDER },
  },
  dod: {
    name: 'dod',
    ...GOVERNMENT,
    portal: 'https://security.apps.mil',
    resources: { graph: resource('https://dod-graph.microsoft.us'), ...GOVERNMENT_DEFENDER },
  },
};

const ALIASES: Readonly<Record<string, CloudName>> = {
  global: 'global',
  public: 'global',
  azurecloud: 'global',
  gcc: 'gcc',
  gcchigh: 'gcchigh',
  l4: 'gcchigh',
  azureusgovernment: 'gcchigh',
  dod: 'dod',
  l5: 'dod',
};

/**
 * The cloud of this name (letter case, blanks and hyphens do not matter).
 *
 * @throws OutriderError `config.cloud_unsupported`: a cloud in which the Defender APIs are not offered, such as
 * China operated by 21Vianet, or no cloud at all.
 */
export function cloudNamed(name: string): Cloud {
  const known = ALIASES[name.toLowerCase().replaceAll(/[\s_-]/g, '')];
  if (known) return CLOUDS[known];
  throw new OutriderError(
    'config.cloud_unsupported',
    /china|21vianet/i.test(name)
      ? `The Defender incident APIs are not offered in the cloud "${name}" (21Vianet). Outrider cannot run there.`
      : `"${name}" is not a cloud Outrider knows. Use one of: ${Object.keys(CLOUDS).join(', ')}.`,
  );
}
