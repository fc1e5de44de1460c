// Grants application permissions of one API: what an administrator's consent does, for exactly these names.
// A role that is taken off the list stays granted: docs/operations.md has the commands that revoke it.
extension microsoftGraphV1

@description('Object id of the service principal that is granted.')
param clientServicePrincipalId string

@description('Application id of the API.')
param resourceAppId string

@description('Application permissions, by name.')
param roleNames string[]

resource api 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for name in roleNames: {
  appRoleId: filter(api.appRoles, role => role.value == name && contains(role.allowedMemberTypes, 'Application'))[0].id
  principalId: clientServicePrincipalId
  resourceId: api.id
}]
