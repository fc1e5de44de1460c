import { AZURE } from '../azure.ts';
import type { BicepFile } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import { checkRoles, checkSecrets } from '../checks/policy.ts';
import { expressionsIn, propertyOf, within } from '../checks/walk.ts';
import { parametersOf, type Value, type Values, variableOf } from '../evaluate.ts';
import { templatesOf } from '../project.ts';
import {
  all,
  DIAGNOSED,
  diagnosed,
  every,
  hasEndpoint,
  INSIGHTS,
  type Row,
  STORAGE,
  VAULT,
  WORKSPACE,
} from './look.ts';

/** Rows of ../shared/reference/infra.md 5 about what is kept: storage, vault, logs, roles. */
export const DATA_ROWS: readonly Row[] = [
  {
    row: 'no shared key of the storage account',
    holds: (from) =>
      every(from, STORAGE, 'properties.allowSharedKeyAccess', false) &&
      every(from, STORAGE, 'properties.defaultToOAuthAuthentication', true) &&
      every(from, STORAGE, 'properties.isLocalUserEnabled', false),
    spoil: [
      ['modules/storage.bicep', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'],
      ['modules/storage.bicep', '    defaultToOAuthAuthentication: true\n', ''],
    ],
  },
  {
    row: 'nothing public in blobs, TLS 1.2, HTTPS alone',
    holds: (from) =>
      every(from, STORAGE, 'properties.allowBlobPublicAccess', false) &&
      every(from, STORAGE, 'properties.minimumTlsVersion', 'TLS1_2') &&
      every(from, STORAGE, 'properties.supportsHttpsTrafficOnly', true) &&
      every(from, /blobServices\/containers$/, 'properties.publicAccess', 'None'),
    spoil: [
      ['modules/storage.bicep', 'allowBlobPublicAccess: false', 'allowBlobPublicAccess: true'],
      ['modules/storage.bicep', "'TLS1_2'", "'TLS1_0'"],
      ['modules/storage.bicep', "publicAccess: 'None'", "publicAccess: 'Blob'"],
    ],
  },
  {
    row: 'storage and vault behind private endpoints, and closed, where there is a network',
    holds: (from) =>
      [STORAGE, VAULT].every(
        (type) =>
          every(from, type, 'properties.publicNetworkAccess', 'Disabled', { isPrivate: true }) &&
          every(from, type, 'properties.networkAcls.defaultAction', 'Deny', { isPrivate: true }),
      ) && ['storageEndpoints', 'vaultEndpoint', 'siteEndpoint'].every((name) => hasEndpoint(from, name)),
    spoil: [
      ['modules/storage.bicep', "isPrivate ? 'Disabled' : 'Enabled'", "'Enabled'"],
      ['modules/keyvault.bicep', "isPrivate ? 'Deny' : 'Allow'", "'Allow'"],
      ['main.bicep', "['blob', 'queue', 'table']", "['blob', 'queue']"],
    ],
  },
  {
    row: 'roles on the resource, none that may do everything',
    holds: (from) => checkRoles(from).length === 0 && all(from, /roleAssignments$/).length >= 5,
    spoil: [
      ['modules/rbac.bicep', '  scope: vault\n', ''],
      ['modules/rbac.bicep', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
    ],
  },
  {
    row: 'the vault by roles, kept 90 days, never purged before',
    holds: (from) =>
      every(from, VAULT, 'properties.enableRbacAuthorization', true) &&
      every(from, VAULT, 'properties.enablePurgeProtection', true) &&
      every(from, VAULT, 'properties.enableSoftDelete', true) &&
      every(from, VAULT, 'properties.softDeleteRetentionInDays', 90) &&
      all(from, VAULT).every(({ value }) => propertyOf(value, 'properties', 'accessPolicies') === undefined),
    spoil: [
      ['modules/keyvault.bicep', 'enablePurgeProtection: true', 'enablePurgeProtection: false'],
      ['modules/keyvault.bicep', 'softDeleteRetentionInDays: 90', 'softDeleteRetentionInDays: 7'],
      ['modules/keyvault.bicep', '    enableRbacAuthorization: true\n', '    accessPolicies: []\n'],
    ],
  },
  {
    row: 'the vault only where a tenant needs it, and nothing put into it',
    holds: (from) => {
      const of = (given: Values): Value =>
        variableOf(
          from.get('main.bicep'),
          'usesVault',
          parametersOf(from.get('main.bicep') as BicepFile, given, AZURE),
        );
      return (
        of({}) === false &&
        of({ credential: 'certificate' }) === true &&
        of({ tenants: [{ credential: { kind: 'secret' } }] }) === true &&
        of({ tenants: [{ credential: { kind: 'federated' } }] }) === false &&
        of({ keyVault: true }) === true &&
        from.get('main.bicep')?.modules.find(({ name }) => name === 'vault')?.value.kind === 'if' &&
        all(from, /vaults\/(secrets|keys|certificates)$/i).length === 0
      );
    },
    spoil: [
      ['main.bicep', "|| contains(kinds, 'secret')", ''],
      ['main.bicep', "'modules/keyvault.bicep' = if (usesVault) {", "'modules/keyvault.bicep' = {"],
    ],
  },
  {
    row: 'telemetry by Entra ID alone',
    holds: (from) =>
      every(from, INSIGHTS, 'properties.DisableLocalAuth', true) &&
      every(from, WORKSPACE, 'properties.features.disableLocalAuth', true),
    spoil: [
      ['modules/monitoring.bicep', 'DisableLocalAuth: true', 'DisableLocalAuth: false'],
      ['modules/monitoring.bicep', 'disableLocalAuth: true', 'disableLocalAuth: false'],
    ],
  },
  {
    row: 'diagnostic settings everywhere',
    holds: (from) =>
      Object.entries(DIAGNOSED).every(([path, symbols]) =>
        symbols.every((symbol) => diagnosed(from.get(path)).includes(symbol)),
      ),
    spoil: [
      ['modules/keyvault.bicep', '  scope: topic\n', '  scope: vault\n'],
      ['modules/storage.bicep', '  scope: tables\n', '  scope: blobs\n'],
    ],
  },
  {
    row: 'no secret in an output, no key asked for',
    holds: (from) => checkSecrets(from).length === 0,
    spoil: [
      [
        'modules/storage.bicep',
        'output id string = account.id',
        'output id string = account.listKeys().keys[0].value',
      ],
    ],
  },
  {
    row: 'no code from elsewhere: nothing is fetched, no image, no branch',
    holds: (from) =>
      templatesOf(from).every((file) =>
        expressionsIn(file).every((root) =>
          [...within(root)].every(
            (expr) => !/(\.zip|:latest|raw\.githubusercontent|codeload)/.test(literalText(expr) ?? ''),
          ),
        ),
      ) && templatesOf(from).every((file) => file.modules.every(({ path }) => !path.startsWith('br'))),
    spoil: [['modules/function.bicep', "kind: 'functionapp,linux'", "kind: 'https://x/main.zip'"]],
  },
];
