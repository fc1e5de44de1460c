import { AZURE } from '../azure.ts';
import { propertyOf } from '../checks/walk.ts';
import { evaluate, parametersOf, type Value, type Values } from '../evaluate.ts';
import type { Project } from '../project.ts';
import { type Row, wantsOf } from './look.ts';

const NETWORK = 'modules/network.bicep network';
const ENDPOINT = 'modules/privateEndpoint.bicep endpoint';
const rule = (index: number, name: string): string => `properties.securityRules.${index}.properties.${name}`;

/** Parts of a rule that mean anything: `*`. */
const anyOf = (index: number, parts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(parts.map((part) => [rule(index, part), '*']));

/**
 * Zones of private endpoints, by cloud.
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
const ZONES = [
  {
    environment: {
      name: 'AzureCloud',
      suffixes: { keyvaultDns: '.vault.azure.net', storage: 'core.windows.net' },
    },
    zones: {
      blob: 'privatelink.blob.core.windows.net',
      queue: 'privatelink.queue.core.windows.net',
      table: 'privatelink.table.core.windows.net',
      vault: 'privatelink.vaultcore.azure.net',
      sites: 'privatelink.azurewebsites.net',
    },
  },
  {
    environment: {
      name: 'AzureUSGovernment',
      suffixes: { keyvaultDns: '.vault.usgovcloudapi.net', storage: 'core.usgovcloudapi.net' },
    },
    zones: {
      blob: 'privatelink.blob.core.usgovcloudapi.net',
      queue: 'privatelink.queue.core.usgovcloudapi.net',
      table: 'privatelink.table.core.usgovcloudapi.net',
      vault: 'privatelink.vaultcore.usgovcloudapi.net',
      sites: 'privatelink.azurewebsites.us',
    },
  },
];

/** The zone of each private endpoint that main.bicep makes, by what is reached. */
function zonesOf(from: Project, environment: Values): Values {
  const main = from.get('main.bicep');
  if (!main) return {};
  const names = parametersOf(main, { privateNetwork: true }, { ...AZURE, 'environment()': environment });
  const of = (module: string, name: string, part: Value = null): Value => {
    const value = propertyOf(main.modules.find((one) => one.name === module)?.value, 'params', name);
    return value ? evaluate(main, value, new Map([...names, ['part', part]])) : null;
  };
  const over = main.modules.find(({ name }) => name === 'storageEndpoints')?.value;
  const parts = over?.kind === 'for' ? (evaluate(main, over.over, names) as readonly string[]) : [];
  return Object.fromEntries([
    ...parts.map((part) => [of('storageEndpoints', 'group', part), of('storageEndpoints', 'zoneName', part)]),
    ...['vaultEndpoint', 'siteEndpoint'].map((module) => [of(module, 'group'), of(module, 'zoneName')]),
  ]) as Values;
}

/** Rows of ../shared/reference/infra.md 5 about a deployment with a network of its own. */
export const NETWORK_ROWS: readonly Row[] = [
  {
    row: 'a private endpoint for all that is kept, found by name in each cloud',
    wants: [
      ...wantsOf(
        ENDPOINT,
        {
          'properties.subnet.id': 'subnet',
          'properties.privateLinkServiceConnections.0.properties': {
            privateLinkServiceId: 'account',
            groupIds: ['blob'],
          },
        },
        { subnetId: 'subnet', targetId: 'account', group: 'blob' },
      ),
      ...wantsOf(/privateDnsZones(\/virtualNetworkLinks)?$/, { location: 'global' }),
      ...wantsOf(
        'modules/privateEndpoint.bicep link',
        { 'properties.registrationEnabled': false, 'properties.virtualNetwork.id': 'network' },
        { networkId: 'network' },
      ),
      ...wantsOf(
        'modules/privateEndpoint.bicep names',
        { 'properties.privateDnsZoneConfigs': [{ name: 'blob', properties: { privateDnsZoneId: 'zone' } }] },
        { group: 'blob', zone: { id: 'zone' } },
      ),
    ],
    holds: (from) =>
      ZONES.every(
        ({ environment, zones }) => JSON.stringify(zonesOf(from, environment)) === JSON.stringify(zones),
      ),
    spoil: [
      ['main.bicep', "['blob', 'queue', 'table']", "['blob', 'queue']"],
      ['main.bicep', "'.vaultcore.'", "'.vault.'"],
      ['main.bicep', "'privatelink.azurewebsites.us'", "'privatelink.azurewebsites.net'"],
      ['main.bicep', 'environment().suffixes.storage', "'core.windows.net'"],
    ],
  },
  {
    row: 'the app asks by HTTPS through one address, and is asked by nobody from outside',
    wants: [
      ...wantsOf('modules/network.bicep appRules', {
        [rule(0, 'access')]: 'Deny',
        [rule(0, 'direction')]: 'Inbound',
        [rule(0, 'sourceAddressPrefix')]: 'Internet',
        ...anyOf(0, ['sourcePortRange', 'destinationAddressPrefix', 'destinationPortRange', 'protocol']),
        ...anyOf(1, ['sourcePortRange', 'destinationAddressPrefix', 'sourceAddressPrefix']),
        ...anyOf(2, ['sourcePortRange', 'sourceAddressPrefix', 'protocol']),
        ...anyOf(3, ['sourcePortRange', 'sourceAddressPrefix', 'protocol']),
        // What is let through is looked at before what is not.
        ...Object.fromEntries(
          [4_000, 100, 110, 4_000].map((value, index) => [rule(index, 'priority'), value]),
        ),
        [rule(1, 'access')]: 'Allow',
        [rule(1, 'direction')]: 'Outbound',
        [rule(1, 'destinationPortRange')]: '443',
        [rule(2, 'destinationAddressPrefix')]: 'AzurePlatformDNS',
        [rule(2, 'destinationPortRange')]: '53',
        [rule(3, 'access')]: 'Deny',
        [rule(3, 'direction')]: 'Outbound',
        [rule(3, 'destinationAddressPrefix')]: 'Internet',
        [rule(3, 'destinationPortRange')]: '*',
      }),
      ...wantsOf('modules/network.bicep endpointRules', {
        [rule(0, 'access')]: 'Allow',
        [rule(0, 'direction')]: 'Inbound',
        [rule(0, 'sourceAddressPrefix')]: 'VirtualNetwork',
        [rule(0, 'destinationPortRange')]: '443',
        [rule(1, 'access')]: 'Deny',
        [rule(1, 'direction')]: 'Inbound',
        [rule(0, 'priority')]: 100,
        [rule(1, 'priority')]: 4_000,
        ...anyOf(0, ['sourcePortRange', 'destinationAddressPrefix']),
        ...anyOf(1, [
          ...['sourceAddressPrefix', 'sourcePortRange', 'destinationAddressPrefix', 'destinationPortRange'],
          'protocol',
        ]),
      }),
      ...wantsOf('modules/network.bicep address', {
        'sku.name': 'Standard',
        'properties.publicIPAllocationMethod': 'Static',
      }),
      ...wantsOf(
        'modules/network.bicep gateway',
        { 'sku.name': 'Standard', 'properties.publicIpAddresses': [{ id: 'out' }] },
        { address: { id: 'out' } },
      ),
      ...wantsOf(
        NETWORK,
        {
          'properties.addressSpace.addressPrefixes': ['10.0.0.0/24'],
          // Flex Consumption takes no other delegation, and no underscore in the name.
          'properties.subnets.0.name': 'app',
          'properties.subnets.0.properties.addressPrefix': '10.0.0.0/26',
          'properties.subnets.0.properties.defaultOutboundAccess': false,
          'properties.subnets.0.properties.natGateway.id': 'gateway',
          'properties.subnets.0.properties.networkSecurityGroup.id': 'app rules',
          'properties.subnets.0.properties.delegations.0.properties.serviceName':
            'Microsoft.App/environments',
          'properties.subnets.1.name': 'endpoints',
          'properties.subnets.1.properties.addressPrefix': '10.0.0.64/27',
          'properties.subnets.1.properties.defaultOutboundAccess': false,
          'properties.subnets.1.properties.networkSecurityGroup.id': 'endpoint rules',
          // Else its rules do not count for private endpoints.
          'properties.subnets.1.properties.privateEndpointNetworkPolicies': 'Enabled',
        },
        {
          addressPrefix: '10.0.0.0/24',
          gateway: { id: 'gateway' },
          appRules: { id: 'app rules' },
          endpointRules: { id: 'endpoint rules' },
        },
      ),
    ],
    holds: (from) => {
      const main = from.get('main.bicep');
      const prefix = main?.params.find(({ name }) => name === 'networkPrefix')?.value;
      return (
        main !== undefined && prefix !== undefined && evaluate(main, prefix, new Map()) === '10.71.0.0/24'
      );
    },
    spoil: [['main.bicep', "'10.71.0.0/24'", "'10.71.0.0/28'"]],
  },
];
