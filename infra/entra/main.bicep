// Second step, apart from the others: everything in Entra ID. Neither what-if nor deployment stacks know the Graph
// extension, and whoever may do this need not be whoever owns the subscription.
//
// Needs: Privileged Role Administrator; or, for an app, Application.ReadWrite.OwnedBy, Application.Read.All and
// AppRoleAssignment.ReadWrite.All.
// "Another object with the same value for property uniqueName": left from an earlier try, soft-deleted.
//   az rest --method GET --url "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.application?$filter=uniqueName eq '<name>'&$count=true" --headers ConsistencyLevel=eventual
//   az rest --method DELETE --url https://graph.microsoft.com/v1.0/directory/deletedItems/<id>
import { caller, callers as callersOf, permissionApi, response as responseOf } from '../types.bicep'
import { apiRoles, groupRole } from 'apiRoles.bicep'
import { apiIds, changeRoles, changeScopes, readRoles, readScopes, withChanges } from 'permissionNames.bicep'

@description('Begins the unique names of the app registrations: output namePrefix of bootstrap.bicep.')
@minLength(1)
@maxLength(100)
param namePrefix string

@description('Whose tokens open the Outrider API. The same word as in main.bicep.')
param callers callersOf = 'single-tenant'

@description('Does the client app read tenants other than its own?')
param servesCustomers bool = false

@description('APIs in which permissions are asked for. Leave out one whose service principal the directory lacks: a directory without a Defender licence has no xdr and no mde.')
@minLength(1)
param apis permissionApi[] = ['graph', 'xdr', 'mde']

@description('What Outrider may change at tenants. Nothing by default: it reads.')
param responses responseOf[] = []

@description('Grant the permissions in the own directory at once. False: an administrator consents later.')
param grantConsent bool = true

@description('May the API work on behalf of its callers?')
param onBehalfOf bool = false

@description('Make the app registration for outrider login.')
param commandLine bool = true

@description('Groups of tenants, each with an app role of its own: Tenants.Group.<name>. None: all callers of the own directory see all tenants, unless main.bicep says otherwise. Before one is taken off the list its role has to be disabled: docs/operations.md.')
param tenantGroupNames string[] = []

@description('Object id of the federation identity: output federationPrincipalId of bootstrap.bicep.')
@minLength(36)
@maxLength(36)
param federationPrincipalId string

@description('Where a customer’s admin comes back to after consent: output onboardingCallbackUrl of bootstrap.bicep.')
param onboardingCallbackUrl string = ''

@description('Who may call the Outrider API without a person, and with which app roles.')
param callerIdentities caller[] = []

@description('Object id of a person or a group in Entra ID who runs Outrider, and so is given the roles that this takes; empty: nobody.')
param operatorPrincipalId string = ''

var apiUniqueName = '${namePrefix}-api'
var allRoles = concat(apiRoles, map(tenantGroupNames, name => groupRole(name)))

module rolesAsked 'permissions.bicep' = [for name in apis: {
  name: 'roles-${name}'
  params: {
    resourceAppId: apiIds[name]
    roleNames: withChanges(readRoles, changeRoles, responses, name)
    scopeNames: []
  }
}]

module scopesAsked 'permissions.bicep' = [for name in apis: {
  name: 'scopes-${name}'
  params: {
    resourceAppId: apiIds[name]
    roleNames: []
    scopeNames: withChanges(readScopes, changeScopes, responses, name)
  }
}]

module graphApp 'graphApp.bicep' = {
  name: 'client-app'
  params: {
    uniqueName: '${namePrefix}-client'
    displayName: 'Outrider'
    servesCustomers: servesCustomers
    requiredAccess: [for (name, index) in apis: rolesAsked[index].outputs.access]
    federationPrincipalId: federationPrincipalId
    onboardingCallbackUrl: onboardingCallbackUrl
  }
}

module grants 'grants.bicep' = [for name in (grantConsent ? apis : []): {
  name: 'grants-${name}'
  params: {
    clientServicePrincipalId: graphApp.outputs.servicePrincipalId
    resourceAppId: apiIds[name]
    roleNames: withChanges(readRoles, changeRoles, responses, name)
  }
}]

module apiApp 'apiApp.bicep' = {
  name: 'api-app'
  params: {
    uniqueName: apiUniqueName
    displayName: 'Outrider API'
    callers: callers
    roles: allRoles
    requiredAccess: [for (name, index) in (onBehalfOf ? apis : []): scopesAsked[index].outputs.access]
    federationPrincipalId: onBehalfOf ? federationPrincipalId : ''
  }
}

module cliApp 'cliApp.bicep' = if (commandLine) {
  name: 'command-line-app'
  params: {
    uniqueName: '${namePrefix}-cli'
    servesCustomers: callers == 'multi-tenant'
    requiredAccess: [for (name, index) in apis: scopesAsked[index].outputs.access]
    outriderAccess: { resourceAppId: apiApp.outputs.appId, resourceAccess: [{ id: apiApp.outputs.scopeId, type: 'Scope' }] }
  }
}

module apiAppCompleted 'apiApp.bicep' = {
  name: 'api-app-completed'
  params: {
    uniqueName: apiUniqueName
    displayName: 'Outrider API'
    callers: callers
    roles: allRoles
    ownAppId: apiApp.outputs.appId
    knownClientIds: commandLine ? [cliApp!.outputs.appId] : []
    requiredAccess: [for (name, index) in (onBehalfOf ? apis : []): scopesAsked[index].outputs.access]
    federationPrincipalId: onBehalfOf ? federationPrincipalId : ''
  }
}

module consentToActForPeople 'delegatedGrants.bicep' = [for name in (onBehalfOf && grantConsent ? apis : []): {
  name: 'delegated-${name}'
  params: {
    clientServicePrincipalId: apiAppCompleted.outputs.servicePrincipalId
    resourceAppId: apiIds[name]
    scopeNames: withChanges(readScopes, changeScopes, responses, name)
  }
}]

module consentToCommandLine 'delegatedGrants.bicep' = [for name in (commandLine && grantConsent ? apis : []): {
  name: 'command-line-${name}'
  params: {
    clientServicePrincipalId: cliApp!.outputs.servicePrincipalId
    resourceAppId: apiIds[name]
    scopeNames: withChanges(readScopes, changeScopes, responses, name)
  }
}]

module callerRoles 'caller.bicep' = [for (who, index) in callerIdentities: {
  name: 'caller-${index}'
  params: {
    apiUniqueName: apiUniqueName
    apiServicePrincipalId: apiAppCompleted.outputs.servicePrincipalId
    principalId: who.principalId
    roles: who.roles
  }
}]

module operatorRoles 'caller.bicep' = if (!empty(operatorPrincipalId)) {
  name: 'operator'
  params: {
    apiUniqueName: apiUniqueName
    apiServicePrincipalId: apiAppCompleted.outputs.servicePrincipalId
    principalId: operatorPrincipalId
    roles: ['Tenants.Read', 'Tenants.Manage', 'Incidents.Read', 'Incidents.Sync', 'Hunts.Read', 'Hunts.Run']
  }
}

@description('Application id of the Outrider API: parameter apiClientId of main.bicep.')
output apiClientId string = apiAppCompleted.outputs.appId

@description('Application id of the client app: parameter graphClientId of main.bicep.')
output graphClientId string = graphApp.outputs.appId

@description('Application id for outrider login; empty where there is none.')
output cliClientId string = commandLine ? cliApp!.outputs.appId : ''

@description('Whose tokens open the API: parameter callers of main.bicep.')
output callers string = callers
