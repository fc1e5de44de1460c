import { AZURE } from '../azure.ts';
import type { BicepFile } from '../bicep/ast.ts';
import { literalText } from '../bicep/expressions.ts';
import { checkRoles, checkSecrets } from '../checks/policy.ts';
import { expressionsIn, within } from '../checks/walk.ts';
import { parametersOf, type Value, type Values, variableOf } from '../evaluate.ts';
import { templatesOf } from '../project.ts';
import { checkDiagnostics } from './diagnostics.ts';
import { all, INSIGHTS, type Row, STORAGE, VAULT, WORKSPACE, wantsOf } from './look.ts';

const CONTAINER = /blobServices\/containers$/;
const LOCK = /^Microsoft.Authorization\/locks$/;

/** Rows of ../shared/reference/infra.md 5 about what is kept: storage, vault, logs, roles. */
export const DATA_ROWS: readonly Row[] = [
  {
    row: 'no shared key of the storage account',
    wants: wantsOf(STORAGE, {
      'properties.allowSharedKeyAccess': false,
      'properties.defaultToOAuthAuthentication': true,
      'properties.isLocalUserEnabled': false,
    }),
  },
  {
    row: 'nothing public in blobs, TLS 1.2, HTTPS alone, no copies elsewhere',
    wants: [
      ...wantsOf(STORAGE, {
        kind: 'StorageV2',
        'properties.allowBlobPublicAccess': false,
        'properties.minimumTlsVersion': 'TLS1_2',
        'properties.supportsHttpsTrafficOnly': true,
        'properties.allowCrossTenantReplication': false,
        'properties.allowedCopyScope': 'AAD',
        'properties.networkAcls.bypass': 'None',
      }),
      ...wantsOf(CONTAINER, { 'properties.publicAccess': 'None' }),
    ],
  },
  {
    row: 'what is deleted by mistake is there for a while, and where that is asked for not deleted at all',
    wants: [
      ...wantsOf(/blobServices$/, {
        'properties.deleteRetentionPolicy': { enabled: true, days: 7 },
        'properties.containerDeleteRetentionPolicy': { enabled: true, days: 7 },
      }),
      ...wantsOf(LOCK, { 'properties.level': 'CanNotDelete' }),
    ],
    holds: (from) =>
      all(from, LOCK).length === 2 && all(from, LOCK).every(({ value }) => value.kind === 'if'),
    spoil: [
      ['modules/storage.bicep', "locks@2020-05-01' = if (lock) {", "locks@2020-05-01' = {"],
      [
        'modules/keyvault.bicep',
        "'Microsoft.Authorization/locks@",
        "'Microsoft.Authorization/policyAssignments@",
      ],
    ],
  },
  {
    row: 'storage and vault closed where there is a network',
    wants: [STORAGE, VAULT].flatMap((type) => [
      ...wantsOf(
        type,
        { 'properties.publicNetworkAccess': 'Disabled', 'properties.networkAcls.defaultAction': 'Deny' },
        { isPrivate: true },
      ),
      ...wantsOf(
        type,
        { 'properties.publicNetworkAccess': 'Enabled', 'properties.networkAcls.defaultAction': 'Allow' },
        { isPrivate: false },
      ),
    ]),
  },
  {
    row: 'roles on the resource, none that may do everything',
    wants: [
      ...wantsOf(
        /roleAssignments$/,
        { 'properties.principalId': 'the app', 'properties.principalType': 'ServicePrincipal' },
        { principalId: 'the app' },
      ),
      ...['storage', 'insights', 'vault'].flatMap((name) =>
        wantsOf(`modules/rbac.bicep ${name}`, { name: 'this one' }, { [`${name}Name`]: 'this one' }),
      ),
    ],
    holds: (from) => checkRoles(from).length === 0 && all(from, /roleAssignments$/).length === 5,
    spoil: [
      ['modules/rbac.bicep', '  scope: vault\n', ''],
      ['modules/rbac.bicep', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
      // A name that another role on the same resource has: the second of the two would fail.
      ['modules/rbac.bicep', 'guid(storage.id, principalId, roles.storageQueueDataContributor)', "guid('x')"],
    ],
  },
  {
    row: 'the vault by roles, kept 90 days, never purged before',
    wants: wantsOf(
      VAULT,
      {
        'properties.tenantId': '00000000-0000-4000-8000-000000000009',
        'properties.sku': { family: 'A', name: 'standard' },
        'properties.enableRbacAuthorization': true,
        'properties.enablePurgeProtection': true,
        'properties.enableSoftDelete': true,
        'properties.softDeleteRetentionInDays': 90,
        'properties.enabledForDeployment': false,
        'properties.enabledForDiskEncryption': false,
        'properties.enabledForTemplateDeployment': false,
        'properties.networkAcls.bypass': 'None',
        'properties.accessPolicies': null,
      },
      { isPrivate: true },
    ),
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
        of({ credential: 'secret' }) === true &&
        of({ apiCredential: 'certificate' }) === true &&
        of({ tenants: [{ credential: { kind: 'secret' } }] }) === true &&
        of({ tenants: [{ credential: { kind: 'federated' } }] }) === false &&
        of({ keyVault: true }) === true &&
        from.get('main.bicep')?.modules.find(({ name }) => name === 'vault')?.value.kind === 'if' &&
        all(from, /vaults\/(secrets|keys|certificates)$/i).length === 0
      );
    },
    spoil: [
      ['main.bicep', "|| contains(kinds, 'secret')", ''],
      ['main.bicep', 'concat([apiCredential], ', 'concat([], '],
      ['main.bicep', "'modules/keyvault.bicep' = if (usesVault) {", "'modules/keyvault.bicep' = {"],
    ],
  },
  {
    row: 'telemetry by Entra ID alone, all of it kept, for as long as is asked',
    wants: [
      ...wantsOf(INSIGHTS, {
        'properties.Application_Type': 'web',
        'properties.DisableLocalAuth': true,
        'properties.IngestionMode': 'LogAnalytics',
        // What is sampled when it arrives is lost to the alerts, whatever host.json excepts.
        'properties.SamplingPercentage': null,
      }),
      ...wantsOf(INSIGHTS, { 'properties.WorkspaceResourceId': 'logs' }, { workspace: { id: 'logs' } }),
      ...wantsOf(
        WORKSPACE,
        {
          'properties.sku.name': 'PerGB2018',
          'properties.features.disableLocalAuth': true,
          'properties.features.enableLogAccessUsingOnlyResourcePermissions': true,
          'properties.retentionInDays': 90,
          'properties.workspaceCapping': null,
        },
        { retentionDays: 90 },
      ),
    ],
  },
  {
    row: 'diagnostic settings everywhere',
    holds: (from) => checkDiagnostics(from).length === 0,
    spoil: [
      ['modules/keyvault.bicep', '  scope: topic\n', '  scope: vault\n'],
      ['modules/storage.bicep', '  scope: tables\n', '  scope: blobs\n'],
      ['modules/network.bicep', '  scope: endpointRules\n', '  scope: appRules\n'],
      ['modules/logicapp.bicep', '    workspaceId: workspaceId\n', ''],
      [
        'modules/keyvault.bicep',
        "{ categoryGroup: 'audit', enabled: true }",
        "{ categoryGroup: 'audit', enabled: false }",
      ],
      ['modules/storage.bicep', "category: 'Transaction'", "category: 'Transactions'"],
      ['modules/storage.bicep', "'Transaction', enabled: true", "'Transaction', enabled: false"],
      ['modules/monitoring.bicep', "    metrics: [{ category: 'AllMetrics', enabled: true }]\n", ''],
      ['modules/network.bicep', "categoryGroup: 'allLogs'", "categoryGroup: 'all'"],
      // A type that nobody has said of whether it has any.
      ['modules/network.bicep', "'Microsoft.Network/natGateways@", "'Microsoft.Network/applicationGateways@"],
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
    spoil: [
      ['modules/function.bicep', "kind: 'functionapp,linux'", "kind: 'https://x/main.zip'"],
      ['main.bicep', "'modules/workbook.bicep'", "'br/public:x:1.0.0'"],
    ],
  },
];
