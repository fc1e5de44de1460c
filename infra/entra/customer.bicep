// For a customer's administrator, in the customer's own directory: the multi-tenant client app, and exactly the
// permissions that it asks for. The same as the consent page does, as code. Needs Privileged Role Administrator there,
// and any resource group to deploy to. Not supported for a partner's administrator with delegated rights (GDAP).
extension microsoftGraphV1

import { caller, permissionApi, response as responseOf } from '../types.bicep'
import { apiIds, changeRoles, readRoles, withChanges } from 'permissionNames.bicep'

@description('Application id of the partner’s client app: output graphClientId of the partner’s entra/main.bicep.')
@minLength(36)
@maxLength(36)
param graphClientId string

@description('APIs in which permissions are granted. Leave out one whose service principal the directory lacks.')
@minLength(1)
param apis permissionApi[] = ['graph', 'xdr', 'mde']

@description('What the partner’s Outrider may change here. Nothing by default: it reads.')
param responses responseOf[] = []

@description('Application id of the partner’s Outrider API, for callers of this directory: output apiClientId of the partner’s entra/main.bicep. Empty: nobody here calls it.')
param apiClientId string = ''

@description('Who in this directory may call the partner’s Outrider, each for this tenant alone.')
param callerIdentities caller[] = []

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: graphClientId
}

module grants 'grants.bicep' = [for name in apis: {
  name: 'grants-${name}'
  params: {
    clientServicePrincipalId: principal.id
    resourceAppId: apiIds[name]
    roleNames: withChanges(readRoles, changeRoles, responses, name)
  }
}]

resource api 'Microsoft.Graph/servicePrincipals@v1.0' = if (!empty(apiClientId)) {
  appId: apiClientId
  appRoleAssignmentRequired: true
}

module callerRoles 'grants.bicep' = [for (who, index) in (empty(apiClientId) ? [] : callerIdentities): {
  name: 'caller-${index}'
  params: {
    clientServicePrincipalId: who.principalId
    resourceAppId: apiClientId
    roleNames: who.roles
  }
  dependsOn: [api]
}]

@description('Directory in which the partner’s Outrider may now read.')
output tenantId string = tenant().tenantId
