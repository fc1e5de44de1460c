import { CLOUDS, type Cloud, cloudNamed } from './clouds.ts';
import { readApiCredential } from './config-api-credential.ts';
import { readCallers, readTenantGroups } from './config-callers.ts';
import { readStorage, type StorageConfig } from './config-storage.ts';
import { readSyncDefaults, readTenants } from './config-tenants.ts';
import { OutriderError, toOutriderError } from './errors.ts';
import { SETTINGS, type SettingName } from './settings.ts';
import { type ConfigArea, readGuid, type SettingsReader } from './settings-reader.ts';
import type { AppCredential, SyncSettings, Tenant } from './tenant.ts';
import type { TenantGroups } from './tenant-groups.ts';
import { closestTo } from './text.ts';

/** One thing wrong with the settings, and how to mend it. Holds no setting's value that could be secret. */
export interface ConfigFault {
  readonly area: ConfigArea;
  readonly setting: string;
  readonly text: string;
}

/** Who may call the Outrider API. */
export interface ApiConfig {
  /** Application id: the audience that tokens must name. */
  readonly clientId: string;
  /** The deployment's own directory, which issues them. */
  readonly tenantId: string;
  /** Does the directory of a registered, active tenant issue them as well, each for its own tenant? */
  readonly callers: 'single-tenant' | 'multi-tenant';
  /** Who sees which groups of tenants; undefined: app roles alone decide. */
  readonly tenantGroups: TenantGroups | undefined;
}

export interface Config {
  readonly cloud: Cloud;
  /** The tenants whose settings are whole; a faulty one is left out and named in `faults`. */
  readonly tenants: readonly Tenant[];
  /** What holds for a registered tenant whose record does not say otherwise. */
  readonly syncDefaults: SyncSettings;
  readonly storage: StorageConfig | undefined;
  readonly api: ApiConfig | undefined;
  /** With which the Outrider API acts in users' names; undefined: it cannot. */
  readonly apiCredential: AppCredential | undefined;
  readonly vaultUrl: string | undefined;
  readonly vaultIdentityClientId: string | undefined;
  readonly federationIdentityClientId: string | undefined;
  /** Application id of the public client of people at the command line. */
  readonly commandLineClientId: string | undefined;
  /** Address of the deployed app, for the command line and for people's browsers; as it was given. */
  readonly apiUrl: string | undefined;
  readonly faults: readonly ConfigFault[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

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
  const misspelt = reportUnknownNames(env, settings);
  const federationIdentityClientId = readGuid(settings, 'tenants', 'OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID');
  const vaultUrl = readVaultUrl(settings, cloud);
  const syncDefaults = readSyncDefaults(settings);
  const context = { cloud: cloud.name, vaultUrl, federationIdentityClientId };
  const tenants = readTenants(settings, context, syncDefaults);
  const api = readApi(settings, misspelt);
  return {
    cloud,
    federationIdentityClientId,
    vaultUrl,
    commandLineClientId: readGuid(settings, 'names', 'OUTRIDER_CLI_CLIENT_ID'),
    apiUrl: settings.get('OUTRIDER_API_URL'),
    vaultIdentityClientId: readGuid(settings, 'vault', 'OUTRIDER_VAULT_IDENTITY_CLIENT_ID'),
    // Nobody's credential is shown to a cloud that was only guessed.
    tenants: faults.some(({ area }) => area === 'cloud')
      ? []
      : tenants.map((tenant) => ({ ...tenant, sync: held(tenant.sync, misspelt) })),
    syncDefaults: held(syncDefaults, misspelt),
    storage: readStorage(settings, cloud),
    api,
    apiCredential: readApiCredential(settings, {
      clientId: api?.clientId,
      vaultUrl,
      federationIdentityClientId,
    }),
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

/** Deleting is what cannot be undone: a hold whose name is misspelt holds. */
function held(sync: SyncSettings, misspelt: ReadonlySet<string>): SyncSettings {
  const hold: SettingName = 'OUTRIDER_LEGAL_HOLD';
  return misspelt.has(hold) ? { ...sync, legalHold: true } : sync;
}

/** Reports names that are no settings; returns the settings that they were most likely meant to be. */
function reportUnknownNames(env: Environment, settings: SettingsReader): ReadonlySet<string> {
  const misspelt = new Set<string>();
  const known = SETTINGS.map((setting) => setting.name as string);
  for (const name of Object.keys(env)) {
    if (!/^outrider_/i.test(name) || known.includes(name)) continue;
    const meant = closestTo(name.toUpperCase(), known);
    if (meant) misspelt.add(meant);
    settings.fault(
      'names',
      name,
      `${name} is not a setting of Outrider${meant ? `; did you mean ${meant}?` : '.'} Rename or remove it.`,
    );
  }
  return misspelt;
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

function readApi(settings: SettingsReader, misspelt: ReadonlySet<string>): ApiConfig | undefined {
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
  const groupsSetting: SettingName = 'OUTRIDER_API_TENANT_GROUPS';
  const callers = readCallers(settings);
  const tenantGroups = readTenantGroups(settings, misspelt.has(groupsSetting));
  return clientId && tenantId ? { clientId, tenantId, callers, tenantGroups } : undefined;
}
