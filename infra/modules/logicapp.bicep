// A Logic App that calls the Outrider API with a managed identity: every hour, the open incidents of one tenant that
// changed meanwhile. A beginning, to be built on in the designer.
@description('Azure region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the workflow.')
param name string

@description('Resource id of the identity that calls.')
param callerIdentityId string

@description('Host name of the function app.')
param host string

@description('Application id of the Outrider API: what the token is for.')
param apiClientId string

@description('Directory id of the tenant.')
param tenantId string

@description('Workspace of the logs.')
param workspaceId string

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${callerIdentityId}': {} }
  }
  properties: {
    state: 'Enabled'
    definition: {
      '$schema': 'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#'
      contentVersion: '1.0.0.0'
      parameters: {}
      triggers: {
        Every_hour: {
          type: 'Recurrence'
          recurrence: { frequency: 'Hour', interval: 1 }
        }
      }
      actions: {
        Open_incidents: {
          type: 'Http'
          runAfter: {}
          inputs: {
            method: 'GET'
            uri: 'https://${host}/api/tenants/${tenantId}/incidents'
            queries: {
              status: 'active,inProgress,awaitingAction'
              updatedSince: '@{addHours(utcNow(), -1)}'
              // The most that an answer has; more are behind its nextLink.
              top: '200'
            }
            authentication: {
              type: 'ManagedServiceIdentity'
              identity: callerIdentityId
              // To the letter what the app registration is called in the token: no api://, no slash at the end.
              audience: apiClientId
            }
          }
        }
      }
      outputs: {}
    }
  }
}

// A preview version: the only stable one, 2016-09-01, knows no category groups.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workflow
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
