// One tenant: a team's own. Nothing is private but the data; the smallest bill.
using '../main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param apiClientId = readEnvironmentVariable('OUTRIDER_API_CLIENT_ID')
param graphClientId = readEnvironmentVariable('OUTRIDER_GRAPH_CLIENT_ID')
param cliClientId = readEnvironmentVariable('OUTRIDER_CLI_CLIENT_ID')
param apiTenantId = readEnvironmentVariable('AZURE_TENANT_ID')
param tenantId = readEnvironmentVariable('AZURE_TENANT_ID')
param callers = 'single-tenant'
param storageSku = 'Standard_ZRS'
param maximumInstanceCount = 40
param alertEmails = empty(readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')) ? [] : [readEnvironmentVariable('OUTRIDER_ALERT_EMAIL', '')]
