// A partner: the client app is consented to by customers, and their callers are let in, each for its own tenant.
using '../entra/main.bicep'

param namePrefix = readEnvironmentVariable('OUTRIDER_NAME_PREFIX')
param federationPrincipalId = readEnvironmentVariable('OUTRIDER_FEDERATION_PRINCIPAL_ID')
param onboardingCallbackUrl = readEnvironmentVariable('OUTRIDER_ONBOARDING_CALLBACK_URL')
param callers = 'multi-tenant'
param servesCustomers = true
param onBehalfOf = true
param callerIdentities = [
  { principalId: readEnvironmentVariable('OUTRIDER_CALLER_PRINCIPAL_ID'), roles: ['Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run'] }
]
param operatorPrincipalId = readEnvironmentVariable('OUTRIDER_OPERATOR_PRINCIPAL_ID', '')
