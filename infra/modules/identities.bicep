// Three user-assigned identities, each with one job: none of them has what another needs.

@description('Azure region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the identity that the function app works as: storage, vault, monitoring.')
param functionName string

@description('Name of the identity that the client app’s federated credential trusts. It has no role in Azure.')
param federationName string

@description('Name of the identity that calls the Outrider API.')
param callerName string

resource function 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: functionName
  location: location
  tags: tags
}

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: federationName
  location: location
  tags: tags
}

resource caller 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: callerName
  location: location
  tags: tags
}

@description('Object id of the federation identity.')
output federationPrincipalId string = federation.properties.principalId

@description('Object id of the callers’ identity.')
output callerPrincipalId string = caller.properties.principalId
