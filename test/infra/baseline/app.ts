import { ID } from '../azure.ts';
import { literalText } from '../bicep/expressions.ts';
import { propertyOf } from '../checks/walk.ts';
import { all, type Row, wantsOf } from './look.ts';

const SITE = 'modules/function.bicep site';
const PLAN = 'modules/function.bicep plan';
const EASYAUTH = 'modules/easyauth.bicep authentication';
const ENTRA = 'properties.identityProviders.azureActiveDirectory';
const CONFIG = 'properties.functionAppConfig';
const clients = [`${ID}4`];

/** Site properties that Flex Consumption has in another place, or not at all; some of them it refuses. */
const NOT_ON_FLEX = [
  ...[
    'containerSize',
    'dailyMemoryTimeQuota',
    'isXenon',
    'reserved',
    'vnetContentShareEnabled',
    'vnetImagePullEnabled',
  ],
  ...[
    ...[
      'alwaysOn',
      'ftpsState',
      'functionAppScaleLimit',
      'javaVersion',
      'linuxFxVersion',
      'netFrameworkVersion',
    ],
    ...[
      'minimumElasticInstanceCount',
      'nodeVersion',
      'numberOfWorkers',
      'powerShellVersion',
      'preWarmedInstanceCount',
    ],
    ...['use32BitWorkerProcess', 'vnetRouteAllEnabled', 'windowsFxVersion', 'appSettings'],
  ].map((name) => `siteConfig.${name}`),
];

/** Rows of ../shared/reference/infra.md 5 about the function app. */
export const APP_ROWS: readonly Row[] = [
  {
    row: 'the platform’s check of tokens in front of the API, no function keys',
    wants: wantsOf(
      EASYAUTH,
      {
        'properties.platform.enabled': true,
        'properties.platform.runtimeVersion': '~1',
        'properties.globalValidation.requireAuthentication': true,
        'properties.globalValidation.unauthenticatedClientAction': 'Return401',
        'properties.httpSettings.requireHttps': true,
        'properties.login.tokenStore.enabled': false,
        [`${ENTRA}.enabled`]: true,
        [`${ENTRA}.registration.clientId`]: `${ID}3`,
        // None: a token is checked, nobody is signed in. https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad
        [`${ENTRA}.registration.clientSecretSettingName`]: null,
        [`${ENTRA}.validation.defaultAuthorizationPolicy.allowedApplications`]: clients,
      },
      { apiClientId: `${ID}3`, allowedApplications: clients },
    ),
    holds: (from) =>
      from.get('main.bicep')?.modules.find(({ name }) => name === 'easyauth')?.value.kind === 'object',
    spoil: [['main.bicep', "'modules/easyauth.bicep' = {", "'modules/easyauth.bicep' = if (publicAccess) {"]],
  },
  {
    row: 'HTTPS alone, TLS 1.2, no FTP, no publishing by password, no pages of others',
    wants: [
      ...wantsOf(SITE, {
        'properties.httpsOnly': true,
        'properties.clientAffinityEnabled': false,
        'properties.siteConfig.minTlsVersion': '1.2',
        'properties.siteConfig.scmMinTlsVersion': '1.2',
        'properties.siteConfig.http20Enabled': true,
        'properties.siteConfig.remoteDebuggingEnabled': false,
        'properties.siteConfig.cors.allowedOrigins': [],
        'properties.siteConfig.cors.supportCredentials': false,
      }),
      ...wantsOf(/basicPublishingCredentialsPolicies$/, { 'properties.allow': false }),
    ],
    holds: (from) =>
      all(from, /basicPublishingCredentialsPolicies$/)
        .map(({ value }) => literalText(propertyOf(value, 'name') ?? value))
        .sort()
        .join() === 'ftp,scm',
    spoil: [['modules/function.bicep', "name: 'scm'", "name: 'ftp'"]],
  },
  {
    row: 'Flex Consumption, Node 24, 2,048 MB, its package read by identity',
    wants: [
      ...wantsOf(PLAN, {
        kind: 'functionapp',
        'sku.name': 'FC1',
        'sku.tier': 'FlexConsumption',
        'properties.reserved': true,
      }),
      ...wantsOf(
        SITE,
        {
          kind: 'functionapp,linux',
          'identity.type': 'UserAssigned',
          'identity.userAssignedIdentities': { func: {}, fed: {} },
          'properties.serverFarmId': 'the plan',
          [`${CONFIG}.runtime.name`]: 'node',
          [`${CONFIG}.runtime.version`]: '24',
          [`${CONFIG}.deployment.storage.type`]: 'blobContainer',
          [`${CONFIG}.deployment.storage.value`]: 'https://st.blob.core.windows.net/package',
          [`${CONFIG}.deployment.storage.authentication.type`]: 'UserAssignedIdentity',
          [`${CONFIG}.deployment.storage.authentication.userAssignedIdentityResourceId`]: 'func',
          [`${CONFIG}.scaleAndConcurrency.instanceMemoryMB`]: 2_048,
          [`${CONFIG}.scaleAndConcurrency.maximumInstanceCount`]: 40,
          [`${CONFIG}.scaleAndConcurrency.alwaysReady`]: [{ name: 'http', instanceCount: 1 }],
        },
        {
          plan: { id: 'the plan' },
          functionIdentityId: 'func',
          federationIdentityId: 'fed',
          storage: { blob: 'https://st.blob.core.windows.net/' },
          packageContainer: 'package',
          instanceMemoryMB: 2_048,
          maximumInstanceCount: 40,
          alwaysReadyInstances: 1,
        },
      ),
      ...wantsOf(SITE, { [`${CONFIG}.scaleAndConcurrency.alwaysReady`]: [] }, { alwaysReadyInstances: 0 }),
    ],
    holds: (from) => {
      const memory = from.get('main.bicep')?.params.find(({ name }) => name === 'instanceMemoryMB')?.value;
      return memory?.kind === 'literal' && memory.value === 2_048;
    },
    spoil: [['main.bicep', '512 | 2048 | 4096 = 2048', '512 | 2048 | 4096 = 512']],
  },
  {
    // https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
    row: 'nothing that Flex Consumption does not have',
    wants: wantsOf(SITE, Object.fromEntries(NOT_ON_FLEX.map((name) => [`properties.${name}`, null]))),
  },
  {
    row: 'what refers to the vault does so as the app’s own identity',
    wants: wantsOf(SITE, { 'properties.keyVaultReferenceIdentity': 'func' }, { functionIdentityId: 'func' }),
  },
  {
    row: 'in a network of its own where there is one, and closed where that is asked for',
    wants: [
      ...wantsOf(SITE, { 'properties.virtualNetworkSubnetId': 'subnet' }, { subnetId: 'subnet' }),
      ...wantsOf(SITE, { 'properties.publicNetworkAccess': 'Disabled' }, { publicAccess: false }),
      ...wantsOf(SITE, { 'properties.publicNetworkAccess': 'Enabled' }, { publicAccess: true }),
    ],
  },
  {
    row: 'the app begins after its roles and endpoints exist',
    holds: (from) => {
      const waits = propertyOf(
        from.get('main.bicep')?.modules.find(({ name }) => name === 'function')?.value,
        'dependsOn',
      );
      const names =
        waits?.kind === 'array' ? waits.items.map((item) => (item.kind === 'name' ? item.name : '')) : [];
      const roles = propertyOf(
        from.get('main.bicep')?.modules.find(({ name }) => name === 'rbac')?.value,
        'dependsOn',
      );
      // Looked up by name: nothing else says that they are there by then.
      return (
        ['rbac', 'storageEndpoints', 'vaultEndpoint'].every((name) => names.includes(name)) &&
        roles?.kind === 'array' &&
        roles.items.length === 3
      );
    },
    spoil: [
      ['main.bicep', '  dependsOn: [monitoring, storage, vault]\n', ''],
      [
        'main.bicep',
        'dependsOn: [rbac, storageEndpoints, vaultEndpoint]',
        'dependsOn: [storageEndpoints, vaultEndpoint]',
      ],
    ],
  },
];
