import type { Values } from './evaluate.ts';

/** Begins ids that stand in for those of Azure and Entra ID; one digit is missing. */
export const ID = '00000000-0000-4000-8000-00000000000';
/** The identity that the app works as. */
export const IDENTITY = { properties: { clientId: `${ID}1` } };
/** What a template learns from Azure, as far as settings and issuers are made of it. */
export const AZURE: Values = {
  'environment()': {
    name: 'AzureCloud',
    authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
    suffixes: { keyvaultDns: '.vault.azure.net', storage: 'core.windows.net' },
  },
  // Of the same words the same id: that is all that is relied on.
  'guid()': (...words) => words.join(' '),
  'tenant()': { tenantId: `${ID}9` },
  'hostOf()': 'func-x.azurewebsites.net',
  'namesOf()': { functionApp: 'func-x' },
  'subscription()': { subscriptionId: `${ID}0` },
  'deployment()': { location: 'westeurope' },
  functionIdentity: IDENTITY,
  federationIdentity: { properties: { clientId: `${ID}2` } },
  vault: { outputs: { uri: 'https://kv-x.vault.azure.net/' } },
};
