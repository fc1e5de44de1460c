// Locked down: a network of its own, private endpoints, no way in from the internet. Callers and whoever publishes the
// app must be connected to that network.
using '../main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param apiClientId = readEnvironmentVariable('OUTRIDER_API_CLIENT_ID')
param graphClientId = readEnvironmentVariable('OUTRIDER_GRAPH_CLIENT_ID')
param apiTenantId = readEnvironmentVariable('AZURE_TENANT_ID')
param tenantId = readEnvironmentVariable('AZURE_TENANT_ID')
param callers = 'single-tenant'
param privateNetwork = true
param publicAccess = false
param storageSku = 'Standard_ZRS'
param storageLogging = 'everything'
param logRetentionDays = 365
param locks = true
param maximumInstanceCount = 40
param alertEmails = empty(readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')) ? [] : [readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')]
