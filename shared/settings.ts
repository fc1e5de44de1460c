/** One setting that Outrider reads. */
export interface Setting {
  readonly name: string;
  /** One sentence for docs, `outrider doctor` and error texts. */
  readonly what: string;
  readonly default?: string;
}

/**
 * Every setting, in the order in which the docs list them. config.ts reads no other; a name that starts with
 * `OUTRIDER_` and is not here is reported as misspelt.
 */
export const SETTINGS = [
  {
    name: 'OUTRIDER_CLOUD',
    what: 'National cloud of all tenants: global, gcc, gcchigh or dod.',
    default: 'global',
  },
  { name: 'OUTRIDER_TENANT_ID', what: 'Directory id of the tenant, when there is only one.' },
  { name: 'OUTRIDER_TENANT_NAME', what: 'Name shown for that tenant.', default: 'the directory id' },
  {
    name: 'OUTRIDER_CLIENT_ID',
    what: 'Application (client) id of the app registration that reads that tenant.',
  },
  {
    name: 'OUTRIDER_CREDENTIAL',
    what: 'How to sign in to that tenant: federated, certificate, secret or managedIdentity.',
    default: 'federated',
  },
  {
    name: 'OUTRIDER_CREDENTIAL_NAME',
    what: 'Name of the secret or certificate in Key Vault, for those two kinds.',
  },
  { name: 'OUTRIDER_API', what: 'Where that tenant is read: graph or xdr.', default: 'graph' },
  {
    name: 'OUTRIDER_HUNTING_API',
    what: 'Where hunting queries of that tenant are sent: graph or xdr. xdr stops answering on 1 February 2027.',
    default: 'graph',
  },
  {
    name: 'OUTRIDER_TENANTS',
    what: 'Several tenants: a JSON array of {id, name, api, huntingApi, credential, enabled, groups, sync}. Replaces the single-tenant settings.',
  },
  {
    name: 'OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID',
    what: 'Client id of the user-assigned managed identity that the federated credential trusts.',
  },
  {
    name: 'OUTRIDER_VAULT_URL',
    what: 'Key Vault with secrets and certificates, e.g. https://kv.vault.azure.net.',
  },
  {
    name: 'OUTRIDER_VAULT_IDENTITY_CLIENT_ID',
    what: 'Client id of the identity that reads the vault.',
    default: 'the system-assigned identity',
  },
  {
    name: 'OUTRIDER_STORAGE_ACCOUNT',
    what: 'Storage account that keeps tables and blobs. Queues stay in the account of the Functions host, which listens there.',
    default:
      'AzureWebJobsStorage__accountName, or its __blobServiceUri, __queueServiceUri and __tableServiceUri',
  },
  {
    name: 'OUTRIDER_STORAGE_IDENTITY_CLIENT_ID',
    what: 'Client id of the identity that reads and writes that account.',
    default: 'AzureWebJobsStorage__clientId, else the system-assigned identity',
  },
  {
    name: 'OUTRIDER_API_CLIENT_ID',
    what: 'Application id of the Outrider API: the audience of callers’ tokens.',
  },
  {
    name: 'OUTRIDER_API_TENANT_ID',
    what: 'Directory whose tokens open the Outrider API.',
    default: 'OUTRIDER_TENANT_ID',
  },
  {
    name: 'OUTRIDER_API_CALLERS',
    what: 'single-tenant: that directory alone; multi-tenant: also those of registered, active tenants, each for its own tenant.',
    default: 'single-tenant',
  },
  {
    name: 'OUTRIDER_API_TENANT_GROUPS',
    what: 'Who sees which groups of tenants: a JSON object, object id (caller or security group) or app role to a list of groups; "*" for all. With it, whoever is given none sees no tenant.',
    default: 'app roles `Tenants.Group.<group>` alone',
  },
  {
    name: 'OUTRIDER_CLI_CLIENT_ID',
    what: 'Application id of the public client by which people sign in at the command line (`outrider login`).',
  },
  {
    name: 'OUTRIDER_API_CREDENTIAL',
    what: 'What the Outrider API proves itself with to act in a user’s name: federated (on the same identity), certificate or secret.',
    default: 'federated',
  },
  {
    name: 'OUTRIDER_API_CREDENTIAL_NAME',
    what: 'Name of that secret or certificate in Key Vault, for those two kinds.',
  },
  {
    name: 'OUTRIDER_API_URL',
    what: 'Address of the deployed app, for commands that go through its API and for links of invitations, e.g. https://outrider.azurewebsites.net.',
  },
  {
    name: 'OUTRIDER_INTERVAL_MINUTES',
    what: 'How often a tenant is synced, in minutes (1 to 1440).',
    default: '5',
  },
  { name: 'OUTRIDER_BACKFILL_DAYS', what: 'How far back the first load reaches, in days.', default: '30' },
  {
    name: 'OUTRIDER_OVERLAP_MINUTES',
    what: 'Overlap of the forward window, in minutes (1 to 360).',
    default: '10',
  },
  { name: 'OUTRIDER_HISTORY_DAYS', what: 'Days that old versions of an incident are kept.', default: '90' },
  {
    name: 'OUTRIDER_RESOLVED_DAYS',
    what: 'Days that resolved and redirected incidents are kept after their last update.',
    default: '365',
  },
  { name: 'OUTRIDER_LEGAL_HOLD', what: 'true: nothing is ever deleted.', default: 'false' },
] as const satisfies readonly Setting[];

/** Settings of the Functions host that Outrider reads as defaults for its own storage. */
export const HOST_SETTINGS = [
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__clientId',
] as const;

export type SettingName = (typeof SETTINGS)[number]['name'];
export type HostSettingName = (typeof HOST_SETTINGS)[number];
