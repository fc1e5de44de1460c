// The app that reads tenants. Its only credential is a federated one: no secret exists that could leak or expire.
extension microsoftGraphV1

import { requiredAccess as requiredAccessOf } from '../types.bicep'

@description('Unique name of the app registration. It finds the registration again, and cannot be changed.')
param uniqueName string

@description('Name shown to administrators who consent.')
param displayName string

@description('Does it serve tenants other than its own?')
param servesCustomers bool

@description('Permissions that it asks for: entries of requiredResourceAccess.')
param requiredAccess requiredAccessOf[]

@description('Object id of the managed identity that proves the app.')
param federationPrincipalId string

@description('Where a customer’s admin comes back to after consent; empty: no customer is onboarded by link.')
param onboardingCallbackUrl string

// Entra ID accepts a wrong issuer or subject without a word. A token tells: outrider doctor asks for one.
var exchangeAudience = environment().name == 'AzureUSGovernment' ? 'api://AzureADTokenExchangeUSGov' : 'api://AzureADTokenExchange'

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  description: 'Outrider reads Defender incidents and hunts with this app.'
  signInAudience: servesCustomers ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  requiredResourceAccess: requiredAccess
  web: {
    redirectUris: servesCustomers && !empty(onboardingCallbackUrl) ? [onboardingCallbackUrl] : []
    implicitGrantSettings: {
      enableAccessTokenIssuance: false
      enableIdTokenIssuance: false
    }
  }
  // In no tenant can anybody put a secret of their own beside the federated credential.
  servicePrincipalLockConfiguration: {
    isEnabled: true
    allProperties: true
  }
}

resource federation 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {
  name: '${uniqueName}/outrider'
  description: 'The federation identity of the function app.'
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: federationPrincipalId
  audiences: [exchangeAudience]
  dependsOn: [app]
}

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: app.appId
}

@description('Application id.')
output appId string = app.appId

@description('Object id of the service principal.')
output servicePrincipalId string = principal.id
