// Third step: everything in Azure that Outrider runs on. Its parameters come from the two steps before: the identities
// of bootstrap.bicep exist, and entra/main.bicep has handed over its application ids.
targetScope = 'subscription'

import { apiFamily, budget as budgetOf, callers as callersOf, cloud as cloudOf, credentialKind, servedTenant, syncSettings, tenantGroups as tenantGroupsOf } from 'types.bicep'
import { hostOf, namesOf } from 'names.bicep'

@description('Name of the environment: the same as in bootstrap.bicep.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region: the same as in bootstrap.bicep. It must have Flex Consumption: az functionapp list-flexconsumption-locations --output table')
@minLength(1)
param location string = deployment().location

@description('Tags of everything.')
param tags { *: string } = {}

@description('Application id of the Outrider API: output apiClientId of entra/main.bicep.')
@minLength(36)
@maxLength(36)
param apiClientId string

@description('Whose tokens open the API. The same word as in entra/main.bicep.')
param callers callersOf = 'single-tenant'

@description('Directory of the deployment’s own callers.')
@minLength(36)
@maxLength(36)
param apiTenantId string = tenant().tenantId

@description('Application ids of clients that may call the API; empty: all whose token is for it. App roles are checked in any case.')
param allowedClientIds string[] = []

@description('Who sees which groups of tenants. Left out: callers see all tenants, unless a role Tenants.Group.<name> narrows that. Given, even as {}: whoever is given no group sees no tenant.')
param tenantGroups tenantGroupsOf?

@description('Application id for outrider login: output cliClientId of entra/main.bicep; empty where there is none.')
param cliClientId string = ''

@description('What the API proves itself with to act in a caller’s name. federated needs onBehalfOf in entra/main.bicep.')
param apiCredential 'federated' | 'certificate' | 'secret' = 'federated'

@description('Name of that certificate or secret in Key Vault.')
param apiCredentialName string = ''

@description('National cloud of all tenants.')
param cloud cloudOf = 'global'

@description('Application id that tenants are read with: output graphClientId of entra/main.bicep.')
param graphClientId string = ''

@description('Directory id of the tenant, when there is only one; empty where tenants or the registry name them.')
param tenantId string = ''

@description('Name shown for that tenant.')
param tenantName string = ''

@description('How Outrider signs in to that tenant.')
param credential credentialKind = 'federated'

@description('Name of the secret or certificate in Key Vault, for those two kinds.')
param credentialName string = ''

@description('Where that tenant’s incidents are read.')
param api apiFamily = 'graph'

@description('Where that tenant’s hunting queries are sent. xdr stops answering on 1 February 2027.')
param huntingApi apiFamily = 'graph'

@description('Several tenants, instead of the one above.')
param tenants servedTenant[] = []

@description('How incidents are kept, in all tenants that do not say otherwise.')
param sync syncSettings = {}

@description('Make a vault even though no tenant here needs one: for tenants that are registered later.')
param keyVault bool = false

@description('Memory of an instance, in MB.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@description('Most instances at the same time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Instances that stay awake for callers of the API.')
@minValue(0)
@maxValue(10)
param alwaysReadyInstances int = 0

@description('How copies of the state are kept.')
param storageSku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' = 'Standard_ZRS'

@description('What is logged of the storage account’s reads and writes.')
param storageLogging 'deletions' | 'everything' = 'deletions'

@description('A network of its own: private endpoints for storage and vault, one address for what the app asks.')
param privateNetwork bool = false

@description('Address space of that network, a /24 or larger.')
param networkPrefix string = '10.71.0.0/24'

@description('May the API be called, and the app be published, from the internet? False needs privateNetwork, and publishing from within it.')
param publicAccess bool = true

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Who is told of alerts. Nobody: they are only shown in the portal.')
param alertEmails string[] = []

@description('A budget; none by default.')
param budget budgetOf?

@description('Forbid to delete storage account and vault.')
param locks bool = false

@description('Directory id of the tenant whose incidents a Logic App asks for every hour; empty: no Logic App.')
param logicAppTenantId string = ''

var names = namesOf(environmentName, location, subscription().subscriptionId)
var allTags = union(tags, { application: 'outrider', 'azd-env-name': environmentName })
var packageContainer = 'app-package'
var kinds = concat([apiCredential], empty(tenants) ? [credential] : map(tenants, served => served.credential.kind))
var usesVault = keyVault || contains(kinds, 'secret') || contains(kinds, 'certificate')
// Contradictions are told before anything is made, each with what to do.
var single = empty(tenants) ? !empty(tenantId) : empty(tenantId) ? false : fail('tenants and tenantId contradict each other: give one of them.')
var needsName = single && (credential == 'secret' || credential == 'certificate')
var checkedName = !needsName || !empty(credentialName) ? credentialName : fail('credentialName is missing: name the secret or certificate that is, or will be, in the vault.')
var needsApp = single && credential != 'managedIdentity'
var checkedApp = !needsApp || !empty(graphClientId) ? graphClientId : fail('graphClientId is missing: deploy entra/main.bicep, and give its output graphClientId.')
var isGovernment = environment().name == 'AzureUSGovernment'
var checkedCloud = isGovernment == (cloud == 'gcchigh' || cloud == 'dod') ? cloud : fail('cloud is of another Azure than this subscription: az cloud set --name AzureUSGovernment for gcchigh and dod, AzureCloud for global and gcc.')
var checkedAccess = publicAccess || privateNetwork ? publicAccess : fail('publicAccess is false without privateNetwork: nobody could call the API or publish the app. Set privateNetwork to true as well.')
var checkedBudget = endsWith(budget.?startDate ?? '-01', '-01') ? budget : fail('budget.startDate is not the first of a month: write it as yyyy-MM-01, of this month or a later one.')
var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var siteZone = isGovernment ? 'privatelink.azurewebsites.us' : 'privatelink.azurewebsites.net'

// Names exactly as shared/settings.ts has them (test/infra/settings.test.ts). Empty ones are left out.
var outriderSettings = {
  OUTRIDER_CLOUD: checkedCloud
  OUTRIDER_TENANT_ID: single ? tenantId : ''
  OUTRIDER_TENANT_NAME: single ? tenantName : ''
  OUTRIDER_CLIENT_ID: single ? (needsApp ? checkedApp : functionIdentity.properties.clientId) : ''
  OUTRIDER_CREDENTIAL: single ? credential : ''
  OUTRIDER_CREDENTIAL_NAME: single ? checkedName : ''
  OUTRIDER_API: single ? api : ''
  OUTRIDER_HUNTING_API: single ? huntingApi : ''
  OUTRIDER_TENANTS: empty(tenants) ? '' : string(tenants)
  OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: federationIdentity.properties.clientId
  OUTRIDER_VAULT_URL: usesVault ? vault!.outputs.uri : ''
  OUTRIDER_VAULT_IDENTITY_CLIENT_ID: usesVault ? functionIdentity.properties.clientId : ''
  OUTRIDER_API_CLIENT_ID: apiClientId
  OUTRIDER_API_TENANT_ID: apiTenantId
  OUTRIDER_API_CALLERS: callers
  OUTRIDER_API_TENANT_GROUPS: tenantGroups == null ? '' : string(tenantGroups)
  OUTRIDER_CLI_CLIENT_ID: cliClientId
  OUTRIDER_API_CREDENTIAL: apiCredential == 'federated' ? '' : apiCredential
  OUTRIDER_API_CREDENTIAL_NAME: apiCredentialName
  OUTRIDER_API_URL: 'https://${hostOf(names.functionApp, environment().name)}'
  OUTRIDER_INTERVAL_MINUTES: string(sync.?intervalMinutes ?? '')
  OUTRIDER_BACKFILL_DAYS: string(sync.?backfillDays ?? '')
  OUTRIDER_OVERLAP_MINUTES: string(sync.?overlapMinutes ?? '')
  OUTRIDER_HISTORY_DAYS: string(sync.?historyDays ?? '')
  OUTRIDER_RESOLVED_DAYS: string(sync.?resolvedDays ?? '')
  OUTRIDER_LEGAL_HOLD: toLower(string(sync.?legalHold ?? ''))
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: names.resourceGroup
}

resource functionIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: names.functionIdentity
}

resource federationIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: names.federationIdentity
}

resource callerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: names.callerIdentity
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceName: names.workspace
    insightsName: names.insights
    retentionDays: logRetentionDays
  }
}

// azd cannot leave a list empty: it leaves the address in it empty.
var alertReceivers = filter(alertEmails, address => !empty(address))

module actionGroup 'modules/actionGroup.bicep' = if (!empty(alertReceivers)) {
  scope: group
  params: {
    tags: allTags
    name: names.actionGroup
    emails: alertReceivers
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.network
    addressPrefix: networkPrefix
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.storage
    sku: storageSku
    packageContainer: packageContainer
    isPrivate: privateNetwork
    logging: storageLogging
    workspaceId: monitoring.outputs.workspaceId
    lock: locks
  }
}

module vault 'modules/keyvault.bicep' = if (usesVault) {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.vault
    isPrivate: privateNetwork
    workspaceId: monitoring.outputs.workspaceId
    topicName: names.vaultEvents
    actionGroupId: empty(alertReceivers) ? '' : actionGroup!.outputs.id
    lock: locks
  }
}

module storageEndpoints 'modules/privateEndpoint.bicep' = [for part in (privateNetwork ? ['blob', 'queue', 'table'] : []): {
  scope: group
  name: 'endpoint-${part}'
  params: {
    location: location
    tags: allTags
    name: '${names.network}-${part}'
    targetId: storage.outputs.id
    group: part
    zoneName: 'privatelink.${part}.${environment().suffixes.storage}'
    subnetId: network!.outputs.endpointSubnetId
    networkId: network!.outputs.id
  }
}]

module vaultEndpoint 'modules/privateEndpoint.bicep' = if (privateNetwork && usesVault) {
  scope: group
  name: 'endpoint-vault'
  params: {
    location: location
    tags: allTags
    name: '${names.network}-vault'
    targetId: vault!.outputs.id
    group: 'vault'
    zoneName: vaultZone
    subnetId: network!.outputs.endpointSubnetId
    networkId: network!.outputs.id
  }
}

module rbac 'modules/rbac.bicep' = {
  scope: group
  params: {
    principalId: functionIdentity.properties.principalId
    storageName: names.storage
    insightsName: names.insights
    vaultName: usesVault ? names.vault : ''
  }
  dependsOn: [monitoring, storage, vault]
}

module function 'modules/function.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    planName: names.plan
    name: names.functionApp
    functionIdentityId: functionIdentity.id
    functionIdentityClientId: functionIdentity.properties.clientId
    federationIdentityId: federationIdentity.id
    storage: { blob: storage.outputs.blobUri, queue: storage.outputs.queueUri, table: storage.outputs.tableUri }
    packageContainer: packageContainer
    insightsName: names.insights
    outriderSettings: outriderSettings
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    publicAccess: checkedAccess
    workspaceId: monitoring.outputs.workspaceId
  }
  // Without its roles the app starts, fails, and is tried again minutes later. Without the endpoints it finds no storage.
  dependsOn: [rbac, storageEndpoints, vaultEndpoint]
}

module siteEndpoint 'modules/privateEndpoint.bicep' = if (privateNetwork && !publicAccess) {
  scope: group
  name: 'endpoint-sites'
  params: {
    location: location
    tags: allTags
    name: '${names.network}-sites'
    targetId: function.outputs.id
    group: 'sites'
    zoneName: siteZone
    subnetId: network!.outputs.endpointSubnetId
    networkId: network!.outputs.id
  }
}

module easyauth 'modules/easyauth.bicep' = {
  scope: group
  params: {
    functionName: function.outputs.name
    apiClientId: apiClientId
    callers: callers
    apiTenantId: apiTenantId
    allowedApplications: allowedClientIds
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    prefix: names.functionApp
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: empty(alertReceivers) ? '' : actionGroup!.outputs.id
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module monthlyBudget 'modules/budget.bicep' = if (checkedBudget != null) {
  scope: group
  params: {
    budget: checkedBudget!
  }
}

module logicApp 'modules/logicapp.bicep' = if (!empty(logicAppTenantId)) {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.logicApp
    callerIdentityId: callerIdentity.id
    host: function.outputs.host
    apiClientId: apiClientId
    tenantId: logicAppTenantId
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('Name of the resource group.')
output resourceGroupName string = group.name

@description('Name of the function app: az functionapp deployment source config-zip, func azure functionapp publish.')
output functionAppName string = function.outputs.name

@description('Address of the API: outrider doctor --url.')
output url string = 'https://${function.outputs.host}'

@description('Audience of callers’ tokens.')
output audience string = apiClientId

@description('Name of the vault for certificates and secrets; empty where there is none.')
output vaultName string = usesVault ? vault!.outputs.name : ''

@description('Address from which the app asks, in a network of its own; else empty, and any of the region.')
output outboundAddress string = privateNetwork ? network!.outputs.outboundAddress : ''
