// A second fence in front of Outrider's own check of tokens: whoever comes without a valid token of the right directory
// and audience does not reach our code. App roles are Outrider's to check: the platform does not look at them.
import { callers as callersOf } from '../types.bicep'
import { openPaths } from 'openPaths.bicep'

@description('Name of the function app.')
param functionName string

@description('Application id of the Outrider API.')
param apiClientId string

@description('Whose tokens open the API.')
param callers callersOf

@description('Directory of the deployment’s own callers.')
param apiTenantId string

@description('Application ids of clients that may call; empty: every client whose token has the right audience.')
param allowedApplications string[]

var directory = callers == 'multi-tenant' ? 'common' : apiTenantId

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionName
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true, runtimeVersion: '~1' }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: openPaths
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: apiClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${directory}/v2.0'
        }
        validation: {
          allowedAudiences: [apiClientId, 'api://${apiClientId}']
          defaultAuthorizationPolicy: { allowedApplications: allowedApplications }
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}
