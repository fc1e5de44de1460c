// The storage account: state of the sync, queues, and the deployed package. No key opens it, nothing in it is public.
@description('Azure region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the account.')
param name string

@description('How copies are kept. The state can be read anew from the services, history and findings cannot.')
param sku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS'

@description('Container of the deployed package.')
param packageContainer string

@description('Reached by private endpoints alone?')
param isPrivate bool

@description('What is logged of reads and writes: deletions, or everything, which costs about as much as the storage itself.')
param logging 'deletions' | 'everything'

@description('Workspace of the logs.')
param workspaceId string

@description('Forbid to delete the account.')
param lock bool

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      // Flex Consumption without a network has no addresses of its own that a firewall could let in.
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: packageContainer
  properties: { publicAccess: 'None' }
}

var deletions = [{ category: 'StorageDelete', enabled: true }]
var everything = [{ categoryGroup: 'allLogs', enabled: true }]
var transactions = [{ category: 'Transaction', enabled: true }]

// Preview versions: the only stable one, 2016-09-01, knows no category groups.
resource accountDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, metrics: transactions }
}

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: logging == 'everything' ? everything : deletions, metrics: transactions }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tables
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: logging == 'everything' ? everything : deletions, metrics: transactions }
}

// Every message that was dealt with is deleted: no news unless everything is wanted.
resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queues
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: logging == 'everything' ? everything : [], metrics: transactions }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: account
  name: 'keep'
  properties: { level: 'CanNotDelete', notes: 'History and findings exist nowhere else.' }
}

@description('Resource id.')
output id string = account.id

@description('Blob endpoint.')
output blobUri string = account.properties.primaryEndpoints.blob

@description('Queue endpoint.')
output queueUri string = account.properties.primaryEndpoints.queue

@description('Table endpoint.')
output tableUri string = account.properties.primaryEndpoints.table
