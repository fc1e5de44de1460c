import type { Cloud } from './clouds.ts';
import { readGuid, type SettingsReader } from './settings-reader.ts';

/** Where the state is kept. Queues are always in the account of the Functions host, since it listens there. */
export interface StorageConfig {
  readonly blobUri: string;
  readonly tableUri: string;
  /** Client id of the identity for both; the system-assigned one when undefined. */
  readonly identityClientId: string | undefined;
  readonly queueUri: string;
  readonly queueIdentityClientId: string | undefined;
}

type Service = 'blob' | 'queue' | 'table';

/** The storage settings: the host's own account, or another one for tables and blobs. */
export function readStorage(settings: SettingsReader, cloud: Cloud): StorageConfig | undefined {
  const ownName = readAccountName(settings, 'OUTRIDER_STORAGE_ACCOUNT');
  const hostName = readAccountName(settings, 'AzureWebJobsStorage__accountName');
  const hostIdentity = readGuid(settings, 'storage', 'AzureWebJobsStorage__clientId');
  const ownIdentity = readGuid(settings, 'storage', 'OUTRIDER_STORAGE_IDENTITY_CLIENT_ID');
  const uriOf = (account: string | undefined, service: Service): string | undefined =>
    account && `https://${account}.${service}.${cloud.storageSuffix}`;
  const hostUri = (service: Service): string | undefined =>
    serviceUri(settings, service) ?? uriOf(hostName, service);
  const queueUri = hostUri('queue');
  const blobUri = uriOf(ownName, 'blob') ?? hostUri('blob');
  const tableUri = uriOf(ownName, 'table') ?? hostUri('table');
  if (queueUri && blobUri && tableUri) {
    return {
      blobUri,
      tableUri,
      queueUri,
      identityClientId: ownIdentity ?? hostIdentity,
      queueIdentityClientId: hostIdentity ?? ownIdentity,
    };
  }
  reportMissing(settings, queueUri);
  return undefined;
}

function reportMissing(settings: SettingsReader, queueUri: string | undefined): void {
  const name = 'AzureWebJobsStorage__accountName';
  // A name that was given and is wrong has been reported as such.
  if (settings.get(name) !== undefined) return;
  const what = queueUri ? 'for tables and blobs' : 'of the Functions host, where the queues are';
  settings.fault(
    'storage',
    name,
    `No storage account ${what}: set ${name}, or AzureWebJobsStorage__blobServiceUri, __queueServiceUri and ` +
      '__tableServiceUri. Connection strings are not used.',
  );
}

function readAccountName(
  settings: SettingsReader,
  name: 'OUTRIDER_STORAGE_ACCOUNT' | 'AzureWebJobsStorage__accountName',
): string | undefined {
  const value = settings.get(name);
  if (value === undefined || /^[a-z0-9]{3,24}$/.test(value)) return value;
  settings.fault('storage', name, `${name} must be an account name: 3 to 24 lower-case letters and digits.`);
  return undefined;
}

function serviceUri(settings: SettingsReader, service: Service): string | undefined {
  const name = `AzureWebJobsStorage__${service}ServiceUri` as const;
  const value = settings.get(name);
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url?.protocol === 'https:') return value.replace(/\/$/, '');
  settings.fault('storage', name, `${name} must be an https address.`);
  return undefined;
}
