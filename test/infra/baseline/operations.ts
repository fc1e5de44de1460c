import { AZURE, ID } from '../azure.ts';
import { propertyOf } from '../checks/walk.ts';
import { parametersOf, type Values, variableOf } from '../evaluate.ts';
import { type Row, wantsOf } from './look.ts';

const GROUP = 'modules/actionGroup.bicep group';
const BUDGET = 'modules/budget.bicep monthly';
const EXPIRY = 'modules/keyvault.bicep expiry';
const WORKFLOW = 'modules/logicapp.bicep workflow';
const ACTION = 'properties.definition.actions.Open_incidents.inputs';
const emails = ['x@example.org'];
const notification = (threshold: number, thresholdType: string): Values => ({
  enabled: true,
  operator: 'GreaterThanOrEqualTo',
  threshold,
  thresholdType,
  contactEmails: emails,
});

/** What runs it: who is told, what is announced, who calls. */
export const OPERATIONS_ROWS: readonly Row[] = [
  {
    row: 'everything is known by its tags: whose it is, and of which environment',
    holds: (from) =>
      ['bootstrap.bicep', 'main.bicep'].every((path) => {
        const file = from.get(path);
        if (!file) return false;
        const names = parametersOf(file, { tags: { owner: 'x' }, environmentName: 'prod' }, AZURE);
        const is = variableOf(file, 'allTags', names);
        const wanted = { owner: 'x', application: 'outrider', 'azd-env-name': 'prod' };
        const modules = file.modules.map(({ value }) => propertyOf(value, 'params', 'tags'));
        return (
          JSON.stringify(is) === JSON.stringify(wanted) &&
          modules.every((tags) => tags === undefined || (tags.kind === 'name' && tags.name === 'allTags'))
        );
      }),
    spoil: [
      ['bootstrap.bicep', "application: 'outrider'", "application: 'x'"],
      ['main.bicep', "'azd-env-name': environmentName", "'azd-env-name': location"],
      ['main.bicep', 'tags: allTags', 'tags: tags'],
    ],
  },
  {
    row: 'whoever is to be told is told',
    wants: [
      ...wantsOf(
        GROUP,
        {
          // https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups: 12 characters at most
          'properties.groupShortName': 'outrider',
          'properties.enabled': true,
          'properties.emailReceivers': [
            { name: 'mail 1', emailAddress: 'x@example.org', useCommonAlertSchema: true },
          ],
        },
        { emails },
      ),
      ...wantsOf(GROUP, { location: 'global' }),
      ...['alerts', 'vault'].flatMap((module) => [
        ...wantsOf(
          `main.bicep ${module}`,
          { 'params.actionGroupId': 'people' },
          { alertEmails: emails, actionGroup: { outputs: { id: 'people' } } },
        ),
        // An address that is left empty is none: an action group would be refused for it.
        ...wantsOf(`main.bicep ${module}`, { 'params.actionGroupId': '' }, { alertEmails: [''] }),
      ]),
      ...wantsOf('main.bicep actionGroup', { 'params.emails': emails }, { alertEmails: ['', ...emails] }),
    ],
  },
  {
    row: 'costs are announced at 80 and 100 percent, and before they are there',
    wants: wantsOf(
      BUDGET,
      {
        'properties.category': 'Cost',
        'properties.amount': 100,
        'properties.timeGrain': 'Monthly',
        // No end: Azure's own is ten years later, and the same on a second run.
        'properties.timePeriod': { startDate: '2026-12-01' },
        'properties.notifications.actual80': notification(80, 'Actual'),
        'properties.notifications.actual100': notification(100, 'Actual'),
        'properties.notifications.forecast100': notification(100, 'Forecasted'),
        // The same on a second run, or there would be two.
        name: 'outrider-monthly',
      },
      { budget: { amount: 100, startDate: '2026-12-01', emails } },
    ),
  },
  {
    row: 'the vault itself says when something in it expires',
    wants: [
      ...wantsOf(
        'modules/keyvault.bicep topic',
        { 'properties.source': 'the vault', 'properties.topicType': 'Microsoft.KeyVault.vaults' },
        { vault: { id: 'the vault' } },
      ),
      ...wantsOf(
        EXPIRY,
        {
          // Azure Monitor's alerts take no other.
          'properties.eventDeliverySchema': 'CloudEventSchemaV1_0',
          'properties.filter.includedEventTypes': [
            'Microsoft.KeyVault.CertificateNearExpiry',
            'Microsoft.KeyVault.CertificateExpired',
            'Microsoft.KeyVault.SecretNearExpiry',
            'Microsoft.KeyVault.SecretExpired',
          ],
          'properties.destination.endpointType': 'MonitorAlert',
          'properties.destination.properties.severity': 'Sev1',
          'properties.destination.properties.actionGroups': ['people'],
        },
        { actionGroupId: 'people' },
      ),
    ],
  },
  {
    row: 'the Logic App calls as its own identity, for a token of this API alone',
    wants: wantsOf(
      WORKFLOW,
      {
        'identity.type': 'UserAssigned',
        'identity.userAssignedIdentities': { caller: {} },
        'properties.state': 'Enabled',
        'properties.definition.triggers': {
          Every_hour: { type: 'Recurrence', recurrence: { frequency: 'Hour', interval: 1 } },
        },
        'properties.definition.actions.Open_incidents.type': 'Http',
        [`${ACTION}.method`]: 'GET',
        [`${ACTION}.uri`]: `https://func-x.azurewebsites.net/api/tenants/${ID}9/incidents`,
        [`${ACTION}.authentication`]: {
          type: 'ManagedServiceIdentity',
          identity: 'caller',
          audience: `${ID}3`,
        },
      },
      {
        callerIdentityId: 'caller',
        host: 'func-x.azurewebsites.net',
        tenantId: `${ID}9`,
        apiClientId: `${ID}3`,
      },
    ),
  },
  {
    row: 'the workbook is found where workbooks are, by whoever may read the logs',
    wants: wantsOf(
      'modules/workbook.bicep workbook',
      {
        name: 'the group outrider-workbook',
        kind: 'shared',
        'properties.category': 'workbook',
        'properties.version': 'Notebook/1.0',
        'properties.sourceId': 'logs',
      },
      { workspaceId: 'logs', 'resourceGroup()': { id: 'the group' } },
    ),
  },
  {
    row: 'what of the storage account is logged: deletions, or everything where that is asked for',
    wants: ['blobDiagnostics', 'tableDiagnostics', 'queueDiagnostics'].flatMap((name) => [
      ...wantsOf(
        `modules/storage.bicep ${name}`,
        { 'properties.logs': [{ categoryGroup: 'allLogs', enabled: true }] },
        { logging: 'everything' },
      ),
      ...wantsOf(
        `modules/storage.bicep ${name}`,
        {
          'properties.logs':
            name === 'queueDiagnostics' ? [] : [{ category: 'StorageDelete', enabled: true }],
        },
        { logging: 'deletions' },
      ),
    ]),
  },
  {
    row: 'nothing that costs or stands in the way unless it is asked for',
    wants: [
      ...['keyVault', 'privateNetwork', 'locks'].flatMap((name) =>
        wantsOf(`main.bicep ${name}`, { '': false }),
      ),
      ...['alertEmails', 'tenants', 'allowedClientIds'].flatMap((name) =>
        wantsOf(`main.bicep ${name}`, { '': [] }),
      ),
      ...wantsOf('main.bicep alwaysReadyInstances', { '': 0 }),
      ...wantsOf('main.bicep logicAppTenantId', { '': '' }),
      ...wantsOf('main.bicep callers', { '': 'single-tenant' }),
      ...wantsOf('main.bicep storageLogging', { '': 'deletions' }),
    ],
  },
];
