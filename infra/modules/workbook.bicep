// The workbook: tenants, freshness, calls, hunts, deliveries.
@description('Azure region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Workspace that is asked.')
param workspaceId string

// The word OutriderEvents in a question of the workbook stands for what events.kql makes of the log. It has no double
// quote and no backslash, so that it fits into JSON; its line ends become blanks.
var events = '(${replace(replace(loadTextContent('../alerts/events.kql'), '\r', ''), '\n', ' ')})'

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'outrider-workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Outrider'
    description: 'Tenants, freshness, calls, hunts and deliveries.'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspaceId
    serializedData: replace(loadTextContent('../alerts/workbook.json'), 'OutriderEvents', events)
  }
}
