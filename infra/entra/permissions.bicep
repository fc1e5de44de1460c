// Looks up permissions of one of Microsoft's APIs by name, in the form in which an app registration lists them.
// A name that the directory does not know fails the deployment; nothing is granted by a guess.
extension microsoftGraphV1

import { requiredAccess as requiredAccessOf } from '../types.bicep'

@description('Application id of the API.')
param resourceAppId string

@description('Application permissions.')
param roleNames string[]

@description('Delegated permissions.')
param scopeNames string[]

resource api 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

@description('An entry of requiredResourceAccess.')
output access requiredAccessOf = {
  resourceAppId: resourceAppId
  resourceAccess: concat(
    map(roleNames, name => { id: filter(api.appRoles, role => role.value == name && contains(role.allowedMemberTypes, 'Application'))[0].id, type: 'Role' }),
    map(scopeNames, name => { id: filter(api.oauth2PermissionScopes, scope => scope.value == name)[0].id, type: 'Scope' })
  )
}
