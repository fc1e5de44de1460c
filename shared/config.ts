import { CLOUDS, type Cloud, cloudNamed } from './clouds.ts';
import { readTenants } from './config-tenants.ts';
import { OutriderError, toOutriderError } from './errors.ts';
import { type HostSettingName, SETTINGS, type SettingName } from './settings.ts';
import type { Tenant } from './tenant.ts';
import { closestTo, isGuid } from './text.ts';

/** A part of the configuration that can be at fault while the others work. */
export type ConfigArea = 'cloud' | 'tenants' | 'storage' | 'api' | 'vault' | 'names';

/** One thing wrong with the settings, and how to mend it. Holds no setting's value that could be secret. */
export interface ConfigFault {
  readonly area: ConfigArea;
  readonly setting: string;
  readonly text: string;
}

/** Where the state is kept. */
export interface StorageConfig {
  readonly blobUri: string;
  readonly queueUri: string;
  readonly tableUri: string;
  readonly identityClientId: string | undefined;
}

/** Who may call the Outrider API. */
export interface ApiConfig {
  /** Application id: the audience that tokens must name. */
  readonly clientId: string;
  /** The directory that issues them. */
  readonly tenantId: string;
}

export interface Config {
  readonly cloud: Cloud;
  /** The tenants whose settings are whole; a faulty one is left out and named in `faults`. */
  readonly tenants: readonly Tenant[];
  readonly storage: StorageConfig | undefined;
  readonly api: ApiConfig | undefined;
  readonly vaultUrl: string | undefined;
  readonly vaultIdentityClientId: string | undefined;
  readonly federationIdentityClientId: string | undefined;
  readonly faults: readonly ConfigFault[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the parts of the configuration read with: settings by name, faults collected. */
export interface SettingsReader {
  get(name: SettingName | HostSettingName): string | undefined;
  fault(area: ConfigArea, setting: string, text: string): void;
}

/**
 * Reads all settings and reports all faults together. Never throws: what is whole can be used while the rest
 * is named by health and `outrider doctor`.
 *
 * @param env defaults to the process's own; nothing else in Outrider reads it.
 */
export function readConfig(env: Environment = process.env): Config {
  const faults: ConfigFault[] = [];
  const settings: SettingsReader = {
    get: (name) => env[name]?.trim() || undefined,
    fault: (area, setting, text) => faults.push({ area, setting, text }),
  };
  const cloud = readCloud(settings);
  reportUnknownNames(env, settings);
  const federationIdentityClientId = readGuid(settings, 'tenants', 'OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID');
  const vaultUrl = readVaultUrl(settings, cloud);
  return {
    cloud,
    federationIdentityClientId,
    vaultUrl,
    vaultIdentityClientId: readGuid(settings, 'vault', 'OUTRIDER_VAULT_IDENTITY_CLIENT_ID'),
    tenants: readTenants(settings, { cloud: cloud.name, vaultUrl, federationIdentityClientId }),
    storage: readStorage(settings, cloud),
    api: readApi(settings),
    faults,
  };
}

/**
 * The part of the configuration, or a coded error that lists what is wrong with it.
 *
 * @throws OutriderError `config.invalid`
 */
export function requirePart<Part extends 'storage' | 'api' | 'vaultUrl'>(
  config: Config,
  part: Part,
): NonNullable<Config[Part]> {
  const value = config[part];
  const area: ConfigArea = part === 'vaultUrl' ? 'vault' : part;
  const faults = config.faults.filter((fault) => fault.area === area || fault.area === 'cloud');
  if (value !== undefined && !config.faults.some((fault) => fault.area === 'cloud')) {
    return value as NonNullable<Config[Part]>;
  }
  throw new OutriderError(
    'config.invalid',
    `Outrider is not configured for this (${area}): ${faults.map((fault) => fault.text).join(' ') || 'a setting is missing.'}`,
    { details: faults.map((fault) => fault.text) },
  );
}

function readCloud(settings: SettingsReader): Cloud {
  try {
    return cloudNamed(settings.get('OUTRIDER_CLOUD') ?? 'global');
  } catch (error) {
    settings.fault('cloud', 'OUTRIDER_CLOUD', `OUTRIDER_CLOUD: ${toOutriderError(error).message}`);
    return CLOUDS.global;
  }
}

function reportUnknownNames(env: Environment, settings: SettingsReader): void {
  const known = SETTINGS.map((setting) => setting.name as string);
  for (const name of Object.keys(env)) {
    if (!/^outrider_/i.test(name) || known.includes(name)) continue;
    const meant = closestTo(name.toUpperCase(), known);
    settings.fault(
      'names',
      name,
      `${name} is not a setting of Outrider${meant ? `; did you mean ${meant}?` : '.'} Rename or remove it.`,
    );
  }
}

function readGuid(
  settings: SettingsReader,
  area: ConfigArea,
  name: SettingName | HostSettingName,
): string | undefined {
  const value = settings.get(name);
  if (value === undefined) return undefined;
  if (isGuid(value)) return value.toLowerCase();
  settings.fault(area, name, `${name} must be a GUID such as 00000000-0000-0000-0000-000000000000.`);
  return undefined;
}

function readVaultUrl(settings: SettingsReader, cloud: Cloud): string | undefined {
  const value = settings.get('OUTRIDER_VAULT_URL');
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url?.protocol === 'https:' && url.hostname.endsWith(`.${cloud.vaultSuffix}`)) return url.origin;
  settings.fault(
    'vault',
    'OUTRIDER_VAULT_URL',
    `OUTRIDER_VAULT_URL must be https://<name>.${cloud.vaultSuffix} in the cloud ${cloud.name}.`,
  );
  return undefined;
}

function readStorage(settings: SettingsReader, cloud: Cloud): StorageConfig | undefined {
  const own = settings.get('OUTRIDER_STORAGE_ACCOUNT');
  const account = own ?? settings.get('AzureWebJobsStorage__accountName');
  const identityClientId =
    readGuid(settings, 'storage', 'OUTRIDER_STORAGE_IDENTITY_CLIENT_ID') ??
    readGuid(settings, 'storage', 'AzureWebJobsStorage__clientId');
  if (account !== undefined && !/^[a-z0-9]{3,24}$/.test(account)) {
    const name = own ? 'OUTRIDER_STORAGE_ACCOUNT' : 'AzureWebJobsStorage__accountName';
    settings.fault(
      'storage',
      name,
      `${name} must be an account name: 3 to 24 lower-case letters and digits.`,
    );
    return undefined;
  }
  const uri = (service: 'blob' | 'queue' | 'table'): string | undefined =>
    (own ? undefined : serviceUri(settings, service)) ??
    (account && `https://${account}.${service}.${cloud.storageSuffix}`);
  const [blobUri, queueUri, tableUri] = [uri('blob'), uri('queue'), uri('table')];
  if (blobUri && queueUri && tableUri) return { blobUri, queueUri, tableUri, identityClientId };
  settings.fault(
    'storage',
    'OUTRIDER_STORAGE_ACCOUNT',
    'No storage account: set OUTRIDER_STORAGE_ACCOUNT, or AzureWebJobsStorage__accountName, or all three of ' +
      'AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri. Connection strings are not used.',
  );
  return undefined;
}

function serviceUri(settings: SettingsReader, service: 'blob' | 'queue' | 'table'): string | undefined {
  const name = `AzureWebJobsStorage__${service}ServiceUri` as const;
  const value = settings.get(name);
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url?.protocol === 'https:') return value.replace(/\/$/, '');
  settings.fault('storage', name, `${name} must be an https address.`);
  return undefined;
}

function readApi(settings: SettingsReader): ApiConfig | undefined {
  const clientId = readGuid(settings, 'api', 'OUTRIDER_API_CLIENT_ID');
  const tenantId =
    readGuid(settings, 'api', 'OUTRIDER_API_TENANT_ID') ?? readGuid(settings, 'api', 'OUTRIDER_TENANT_ID');
  if (settings.get('OUTRIDER_API_CLIENT_ID') === undefined) {
    settings.fault(
      'api',
      'OUTRIDER_API_CLIENT_ID',
      'OUTRIDER_API_CLIENT_ID is missing: set it to the application id of the Outrider API app registration.',
    );
  }
  if (!settings.get('OUTRIDER_API_TENANT_ID') && !settings.get('OUTRIDER_TENANT_ID')) {
    settings.fault(
      'api',
      'OUTRIDER_API_TENANT_ID',
      'OUTRIDER_API_TENANT_ID is missing: set it to the directory whose tokens may call the Outrider API.',
    );
  }
  return clientId && tenantId ? { clientId, tenantId } : undefined;
}
