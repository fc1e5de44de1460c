// The vault, for tenants whose credential is a certificate or a secret. Nothing is put into it here: whoever owns the
// credential does that. https://learn.microsoft.com/azure/key-vault/general/best-practices
@description('Azure region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the vault.')
param name string

@description('Reached by private endpoints alone?')
param isPrivate bool

@description('Workspace of the logs.')
param workspaceId string

@description('Name of the Event Grid topic of the vault.')
param topicName string

@description('Who is told when something in the vault expires soon; empty: nobody.')
param actionGroupId string

@description('Forbid to delete the vault.')
param lock bool

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      // Flex Consumption without a network has no addresses of its own that a firewall could let in.
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

// A preview version: the only stable one, 2016-09-01, knows no category groups.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: vault
  name: 'keep'
  properties: { level: 'CanNotDelete', notes: 'Tenants are read with what is in here.' }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (!empty(actionGroupId)) {
  name: topicName
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

resource topicDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(actionGroupId)) {
  scope: topic
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

// Key Vault says so itself, 30 days before. Only for what has an expiry date: give every secret one.
// https://learn.microsoft.com/azure/event-grid/event-schema-key-vault
resource expiry 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (!empty(actionGroupId)) {
  parent: topic
  name: 'credential-expiring'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.KeyVault.CertificateNearExpiry'
        'Microsoft.KeyVault.CertificateExpired'
        'Microsoft.KeyVault.SecretNearExpiry'
        'Microsoft.KeyVault.SecretExpired'
      ]
    }
    destination: {
      endpointType: 'MonitorAlert'
      properties: {
        severity: 'Sev1'
        description: 'Outrider: a credential in Key Vault expires within 30 days, or has expired. docs/operations.md says how to replace it.'
        actionGroups: [actionGroupId]
      }
    }
  }
}

@description('Resource id.')
output id string = vault.id

@description('Name.')
output name string = vault.name

@description('Address.')
output uri string = vault.properties.vaultUri
