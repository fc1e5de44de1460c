// The function app: Flex Consumption, Node 24, no key and no secret anywhere. It begins after its roles exist.
@description('Azure region.')
param location string

@description('Tags of everything.')
param tags { *: string }

@description('Name of the plan. Flex Consumption has one app for each.')
param planName string

@description('Name of the app.')
param name string

@description('Resource id of the identity that it works as.')
param functionIdentityId string

@description('Client id of that identity.')
param functionIdentityClientId string

@description('Resource id of the identity that the client app trusts.')
param federationIdentityId string

@description('Endpoints of the storage account.')
param storage { blob: string, queue: string, table: string }

@description('Container of the deployed package.')
param packageContainer string

@description('Name of the Application Insights component.')
param insightsName string

@description('Settings of Outrider, by name. What is empty is left out.')
param outriderSettings { *: string }

@description('Memory of an instance, in MB.')
param instanceMemoryMB 512 | 2048 | 4096

@description('Most instances at the same time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that stay awake for callers of the API. 0: the first call after a pause waits.')
@minValue(0)
@maxValue(10)
param alwaysReadyInstances int

@description('Subnet of the app; empty: no network of its own.')
param subnetId string

@description('May the API be called, and the app be published, from the internet?')
param publicAccess bool

@description('Workspace of the logs.')
param workspaceId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${functionIdentityId}': {}
      '${federationIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    keyVaultReferenceIdentity: functionIdentityId
    // With a subnet, all that a Flex Consumption app sends goes through it.
    ...(empty(subnetId) ? {} : { virtualNetworkSubnetId: subnetId })
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: functionIdentityId
          }
        }
      }
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
      }
    }
    // Neither ftpsState nor alwaysOn nor a Fx version: Flex Consumption has none of them, and refuses some.
    // https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      cors: { allowedOrigins: [], supportCredentials: false }
    }
  }
}

resource ftpPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource scmPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

// Identities everywhere: no connection string, no key. The connection string of Application Insights is an address;
// without a token of the identity it takes nothing.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: functionIdentityClientId
  AzureWebJobsStorage__blobServiceUri: storage.blob
  AzureWebJobsStorage__queueServiceUri: storage.queue
  AzureWebJobsStorage__tableServiceUri: storage.table
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${functionIdentityClientId};Authorization=AAD'
}
var givenSettings = toObject(filter(items(outriderSettings), setting => !empty(setting.value)), setting => setting.key, setting => setting.value)

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(hostSettings, givenSettings)
}

// A preview version: the only stable one, 2016-09-01, knows no category groups.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    // FunctionAppLogs are left out: Application Insights has the same lines, and they would be paid for twice.
    logs: [{ category: 'AppServiceAuthenticationLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id.')
output id string = site.id

@description('Name.')
output name string = site.name

@description('Host name.')
output host string = site.properties.defaultHostName
