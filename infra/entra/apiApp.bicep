// The Outrider API as Entra ID knows it: app roles for apps and people, a scope for people, no credential. It is only
// ever given tokens. With onBehalfOf it also exchanges them, proven by a managed identity: no secret then either.
//
// Deployed twice (main.bicep): an app registration cannot name its own application id in its identifier URI, nor the
// command line app that itself refers to this one. What only the second pass knows the first leaves as it is.
extension microsoftGraphV1

import { appRole, callers as callersOf, requiredAccess as requiredAccessOf } from '../types.bicep'

@description('Unique name of the app registration. It finds the registration again, and cannot be changed.')
param uniqueName string

@description('Name shown to people.')
param displayName string

@description('Whose tokens open the API.')
param callers callersOf

@description('App roles: every role that shared/http/actions.ts names.')
param roles appRole[]

@description('Application id of this very app, known on the second pass.')
param ownAppId string = ''

@description('Application ids of clients that people need not consent to, known on the second pass.')
param knownClientIds string[] = []

@description('Permissions with which the API works on behalf of its callers; none: it does not.')
param requiredAccess requiredAccessOf[] = []

@description('Object id of the managed identity that proves the API when it exchanges tokens; empty: it exchanges none.')
param federationPrincipalId string = ''

var scopeId = guid(uniqueName, 'access_as_user')
var exchangeAudience = environment().name == 'AzureUSGovernment' ? 'api://AzureADTokenExchangeUSGov' : 'api://AzureADTokenExchange'

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  description: 'Outrider: Defender incidents and hunting. Callers need an app role.'
  signInAudience: callers == 'multi-tenant' ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  ...(empty(ownAppId) ? {} : { identifierUris: ['api://${ownAppId}'] })
  requiredResourceAccess: requiredAccess
  // Only groups that are assigned to the API: a list of all would be left out of a token when it is long.
  groupMembershipClaims: 'ApplicationGroup'
  appRoles: [for role in roles: {
    id: guid(uniqueName, role.value)
    value: role.value
    displayName: role.value
    description: role.what
    allowedMemberTypes: ['Application', 'User']
    isEnabled: true
  }]
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: 'access_as_user'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Use Outrider as the signed-in person'
        adminConsentDescription: 'Lets the app call Outrider as the signed-in person, within the app roles that this person has.'
        userConsentDisplayName: 'Use Outrider as you'
        userConsentDescription: 'Lets the app call Outrider as you, within the app roles that you have.'
      }
    ]
    ...(empty(knownClientIds) ? {} : { preAuthorizedApplications: map(knownClientIds, id => { appId: id, delegatedPermissionIds: [scopeId] }) })
  }
  servicePrincipalLockConfiguration: {
    isEnabled: true
    allProperties: true
  }
}

resource exchange 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = if (!empty(federationPrincipalId)) {
  name: '${uniqueName}/outrider'
  description: 'On behalf of callers: the federation identity of the function app.'
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: federationPrincipalId
  audiences: [exchangeAudience]
  dependsOn: [app]
}

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: app.appId
  // Whoever has no app role gets no token at all.
  appRoleAssignmentRequired: true
}

@description('Application id.')
output appId string = app.appId

@description('Object id of the service principal.')
output servicePrincipalId string = principal.id

@description('Id of the scope access_as_user.')
output scopeId string = scopeId
