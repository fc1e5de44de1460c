import { RunnerError } from './runner-error.ts';
import type { Settings } from './settings.ts';

/** How to reach a storage account: by its key, or as a managed identity. */
export type StorageConnection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly queueUri: string | undefined;
      readonly blobUri: string | undefined;
      /** Client id of a user-assigned identity; undefined for the system-assigned one. */
      readonly clientId: string | undefined;
    };

/**
 * Reads the setting that a binding's `connection` names: a connection string in `<name>`, or the identity
 * form in `<name>__accountName`, `<name>__queueServiceUri`, `<name>__blobServiceUri`, `<name>__credential`
 * (`managedidentity`) and `<name>__clientId`. As the host does, `AzureWebJobs<name>` is tried first.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
 *
 * @throws RunnerError saying which settings are missing or contradict each other.
 */
export function readStorageConnection(settings: Settings, name: string): StorageConnection {
  for (const prefix of [`AzureWebJobs${name}`, name]) {
    const found = readPrefix(settings, prefix);
    if (found !== undefined) return found;
  }
  throw new RunnerError(
    `the connection "${name}" is not configured: set ${name} to a connection string, or ${name}__accountName ` +
      `(or ${name}__queueServiceUri) with ${name}__credential=managedidentity`,
  );
}

function readPrefix(settings: Settings, prefix: string): StorageConnection | undefined {
  const connectionString = settings.get(prefix) ?? settings.get(`ConnectionStrings__${prefix}`);
  if (connectionString) return { kind: 'connectionString', connectionString };
  const account = settings.get(`${prefix}__accountName`);
  const queueUri = settings.get(`${prefix}__queueServiceUri`) ?? accountUri(account, 'queue');
  const blobUri = settings.get(`${prefix}__blobServiceUri`) ?? accountUri(account, 'blob');
  if (queueUri === undefined && blobUri === undefined) return undefined;
  const credential = settings.get(`${prefix}__credential`);
  if (credential !== undefined && credential.toLowerCase() !== 'managedidentity') {
    throw new RunnerError(
      `${prefix}__credential is "${credential}"; the local runner takes managedidentity only`,
    );
  }
  const clientId = settings.get(`${prefix}__clientId`);
  if (clientId !== undefined && credential === undefined) {
    throw new RunnerError(
      `${prefix}__clientId is set, but ${prefix}__credential is not: set it to managedidentity`,
    );
  }
  return { kind: 'identity', queueUri, blobUri, clientId };
}

function accountUri(account: string | undefined, service: string): string | undefined {
  return account ? `https://${account}.${service}.core.windows.net` : undefined;
}
