// One private endpoint with its zone of names, reachable from one network.
@description('Azure region of the endpoint.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the endpoint.')
param name string

@description('Resource that is reached.')
param targetId string

@description('Part of it: blob, queue, table, vault or sites.')
param group 'blob' | 'queue' | 'table' | 'vault' | 'sites'

@description('Zone that its name is looked up in.')
param zoneName string

@description('Subnet of the endpoint.')
param subnetId string

@description('Network that looks names up.')
param networkId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    customNetworkInterfaceName: '${name}-nic'
    privateLinkServiceConnections: [
      {
        name: group
        properties: { privateLinkServiceId: targetId, groupIds: [group] }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'network'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-09-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: group, properties: { privateDnsZoneId: zone.id } }]
  }
}
