// Consents to delegated permissions of one API for everybody in the directory who may use the app: work on behalf of a
// person stays within what that person may do.
extension microsoftGraphV1

@description('Object id of the service principal that acts for people.')
param clientServicePrincipalId string

@description('Application id of the API.')
param resourceAppId string

@description('Delegated permissions, by name.')
@minLength(1)
param scopeNames string[]

resource api 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: resourceAppId
}

resource grant 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: clientServicePrincipalId
  consentType: 'AllPrincipals'
  resourceId: api.id
  scope: join(scopeNames, ' ')
}
