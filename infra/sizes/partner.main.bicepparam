// A partner: many customers' tenants, analysts of the partner and callers of the customers.
using '../main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param apiClientId = readEnvironmentVariable('OUTRIDER_API_CLIENT_ID')
param graphClientId = readEnvironmentVariable('OUTRIDER_GRAPH_CLIENT_ID')
param cliClientId = readEnvironmentVariable('OUTRIDER_CLI_CLIENT_ID')
param apiTenantId = readEnvironmentVariable('AZURE_TENANT_ID')
param callers = 'multi-tenant'
// Customers are registered while it runs; a credential of theirs may be a certificate.
param keyVault = true
param storageSku = 'Standard_GZRS'
param maximumInstanceCount = 200
param alwaysReadyInstances = 1
param logRetentionDays = 180
param locks = true
param alertEmails = empty(readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')) ? [] : [readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')]
