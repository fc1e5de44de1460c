// "Outrider command line": a public client for people. It has no credential, and can do nothing without a person.
extension microsoftGraphV1

import { requiredAccess as requiredAccessOf } from '../types.bicep'

@description('Unique name of the app registration. It finds the registration again, and cannot be changed.')
param uniqueName string

@description('Does it serve people of other directories?')
param servesCustomers bool

@description('Permissions of Microsoft’s APIs that it asks people for: entries of requiredResourceAccess.')
param requiredAccess requiredAccessOf[]

@description('The same for the Outrider API.')
param outriderAccess requiredAccessOf

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: 'Outrider command line'
  description: 'outrider login: a person at the command line.'
  signInAudience: servesCustomers ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  // Device code needs it; a public client has no secret to protect.
  isFallbackPublicClient: true
  publicClient: {
    redirectUris: ['http://localhost']
  }
  requiredResourceAccess: concat(requiredAccess, [outriderAccess])
  servicePrincipalLockConfiguration: {
    isEnabled: true
    allProperties: true
  }
}

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: app.appId
}

@description('Application id.')
output appId string = app.appId

@description('Object id of the service principal.')
output servicePrincipalId string = principal.id
