// Gives one caller its app roles of the Outrider API.
extension microsoftGraphV1

@description('Unique name of the API’s app registration.')
param apiUniqueName string

@description('Object id of the API’s service principal.')
param apiServicePrincipalId string

@description('Object id of the caller: a managed identity, a service principal, a group or a user.')
param principalId string

@description('App roles.')
param roles string[]

resource assignments 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for role in roles: {
  appRoleId: guid(apiUniqueName, role)
  principalId: principalId
  resourceId: apiServicePrincipalId
}]
