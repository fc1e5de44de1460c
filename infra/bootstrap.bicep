// First step: what the others need to exist. The resource group, and three identities that are made before anything
// refers to them, so that Entra ID knows them by then.
targetScope = 'subscription'

import { hostOf, namesOf } from 'names.bicep'

@description('Name of the environment, such as prod. Letters, digits and hyphens are best; anything is made to fit.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region. It must have Flex Consumption: az functionapp list-flexconsumption-locations --output table')
@minLength(1)
param location string = deployment().location

@description('Tags of the resource group and everything in it.')
param tags { *: string } = {}

var names = namesOf(environmentName, location, subscription().subscriptionId)
var allTags = union(tags, { application: 'outrider', 'azd-env-name': environmentName })
// Told before anything is made: the other Azures have no Defender that could be asked.
var checkedLocation = contains(['AzureCloud', 'AzureUSGovernment'], environment().name) ? location : fail('Microsoft Defender has no APIs in this Azure: az cloud set --name AzureCloud, or AzureUSGovernment for gcchigh and dod, then az login.')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: checkedLocation
  tags: allTags
}

module identities 'modules/identities.bicep' = {
  scope: group
  params: {
    location: checkedLocation
    tags: allTags
    functionName: names.functionIdentity
    federationName: names.federationIdentity
    callerName: names.callerIdentity
  }
}

@description('Name of the resource group.')
output resourceGroupName string = group.name

@description('Begins the unique names of the app registrations: parameter namePrefix of entra/main.bicep.')
output namePrefix string = names.apps

@description('Where a customer’s admin comes back to after consent: parameter onboardingCallbackUrl of entra/main.bicep.')
output onboardingCallbackUrl string = 'https://${hostOf(names.functionApp, environment().name)}/api/onboarding/callback'

@description('Object id of the identity that the client app trusts: parameter federationPrincipalId of entra/main.bicep.')
output federationPrincipalId string = identities.outputs.federationPrincipalId

@description('Object id of the identity that calls the Outrider API, from Logic Apps for instance.')
output callerPrincipalId string = identities.outputs.callerPrincipalId
