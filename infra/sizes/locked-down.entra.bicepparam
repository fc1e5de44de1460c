// Locked down: permissions are asked for, and granted by an administrator who has looked at them.
using '../entra/main.bicep'

param namePrefix = readEnvironmentVariable('OUTRIDER_NAME_PREFIX')
param federationPrincipalId = readEnvironmentVariable('OUTRIDER_FEDERATION_PRINCIPAL_ID')
param callers = 'single-tenant'
param servesCustomers = false
param grantConsent = false
param commandLine = false
param callerIdentities = [
  { principalId: readEnvironmentVariable('OUTRIDER_CALLER_PRINCIPAL_ID'), roles: ['Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run'] }
]
param operatorPrincipalId = readEnvironmentVariable('OUTRIDER_OPERATOR_PRINCIPAL_ID', '')
