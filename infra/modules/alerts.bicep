// Alerts over Outrider's own log events. Each question is a file in ../alerts; every one of them begins with what
// events.kql makes of the log. A rule fires when its question has an answer.
@description('Azure region of the rules.')
param location string

@description('Tags.')
param tags { *: string }

@description('Begins the names of the rules.')
param prefix string

@description('Workspace that is asked.')
param workspaceId string

@description('Who is told; empty: the alerts are only shown in the portal.')
param actionGroupId string

// Events as a let statement in front of each question. Times: how far back the question looks.
var events = 'let OutriderEvents = ${loadTextContent('../alerts/events.kql')};\n'
var rules = [
  {
    name: 'heartbeat'
    title: 'Outrider: the timer does not run'
    description: 'No sync was enqueued for 15 minutes: the app is stopped, does not start, or cannot reach its storage.'
    severity: 0
    query: loadTextContent('../alerts/heartbeat.kql')
    every: 'PT5M'
    window: 'PT15M'
    byTenant: false
  }
  {
    name: 'tenant-not-fresh'
    title: 'Outrider: a tenant is not fresh'
    description: 'A tenant was due three times, or for more than a day, without one successful sync since.'
    severity: 1
    query: loadTextContent('../alerts/tenant-not-fresh.kql')
    every: 'PT15M'
    window: 'P2D'
    byTenant: true
  }
  {
    name: 'sync-failing'
    title: 'Outrider: the sync of a tenant fails'
    description: 'Three runs in a row failed for a reason that does not pass by itself. The answer has the code and what to do.'
    severity: 2
    query: loadTextContent('../alerts/sync-failing.kql')
    every: 'PT15M'
    window: 'PT6H'
    byTenant: true
  }
  {
    name: 'poisoned'
    title: 'Outrider: a message was given up'
    description: 'A message failed five times for a reason of Outrider’s own or of its storage. Nothing is lost; the cause is in the log.'
    severity: 1
    query: loadTextContent('../alerts/poisoned.kql')
    every: 'PT15M'
    window: 'PT30M'
    byTenant: false
  }
  {
    name: 'quota'
    title: 'Outrider: a tenant’s quota is near its end'
    description: 'The service throttles a tenant’s calls, or Outrider holds them back, again and again.'
    severity: 3
    query: loadTextContent('../alerts/quota.kql')
    every: 'PT30M'
    window: 'PT1H'
    byTenant: true
  }
  {
    name: 'credential'
    title: 'Outrider: a credential is refused'
    description: 'Entra ID or Key Vault refuses the credential of a tenant: expired, wrong, or no longer trusted.'
    severity: 1
    query: loadTextContent('../alerts/credential.kql')
    every: 'PT15M'
    window: 'PT1H'
    byTenant: true
  }
  {
    name: 'credential-expiring'
    title: 'Outrider: a credential expires soon'
    description: 'A secret or certificate in the vault expires within 30 days.'
    severity: 2
    query: loadTextContent('../alerts/credential-expiring.kql')
    every: 'PT1H'
    window: 'P2D'
    byTenant: true
  }
  {
    name: 'hunts-failing'
    title: 'Outrider: a scheduled hunt fails'
    description: 'A scheduled query fails in a tenant again and again: its findings have a gap that is looked at again later.'
    severity: 2
    query: loadTextContent('../alerts/hunts-failing.kql')
    every: 'PT1H'
    window: 'P1D'
    byTenant: true
  }
  {
    name: 'api-5xx'
    title: 'Outrider: its API fails'
    description: 'Callers of the API got answers of 500 and more.'
    severity: 2
    query: loadTextContent('../alerts/api-5xx.kql')
    every: 'PT5M'
    window: 'PT15M'
    byTenant: false
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for rule in rules: {
  name: '${prefix}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: '${rule.description} What to do: docs/operations.md, alert ${rule.name}.'
    severity: rule.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: rule.every
    windowSize: rule.window
    // The tables come with the first line that is logged.
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: '${events}${rule.query}'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: rule.byTenant ? [{ name: 'Tenant', operator: 'Include', values: ['*'] }] : []
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: empty(actionGroupId) ? [] : [actionGroupId] }
  }
}]
