// Every name that the templates give, in one place: the same environment, region and subscription give the same names,
// within Azure's limits and character rules whatever the environment is called.
// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules

@export()
@description('Names of everything that is deployed for one environment.')
type names = {
  @description('Resource group.')
  resourceGroup: string
  @description('Identity that the function app works as.')
  functionIdentity: string
  @description('Identity that the client app trusts.')
  federationIdentity: string
  @description('Identity that calls the API.')
  callerIdentity: string
  @description('Storage account.')
  storage: string
  @description('Key vault.')
  vault: string
  @description('Plan of the function app.')
  plan: string
  @description('Function app; its host name begins with it.')
  functionApp: string
  @description('Log Analytics workspace.')
  workspace: string
  @description('Application Insights component.')
  insights: string
  @description('Action group.')
  actionGroup: string
  @description('Virtual network; its parts and endpoints begin with it.')
  network: string
  @description('Logic App.')
  logicApp: string
  @description('Event Grid topic of the vault.')
  vaultEvents: string
  @description('Begins the unique names of app registrations.')
  apps: string
}

@description('Lower case, German umlauts spelt out. Other letters beyond a to z are dropped later: the token keeps names apart.')
func spelt(text string) string =>
  replace(replace(replace(replace(toLower(text), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss')

@description('The letters a to z and the digits of a text.')
func plain(text string) string =>
  join(filter(map(range(0, length(text)), i => substring(text, i, 1)), c => contains('abcdefghijklmnopqrstuvwxyz0123456789', c)), '')

@description('The readable part of names, "env" where the environment’s name has nothing that names may have.')
func readable(environmentName string) string =>
  empty(plain(spelt(environmentName))) ? 'env' : plain(spelt(environmentName))

@description('13 letters and digits that no other environment, region or subscription has. Letter case does not matter to Azure, nor here.')
func token(environmentName string, location string, subscriptionId string) string =>
  uniqueString(toLower(subscriptionId), toLower(environmentName), toLower(replace(location, ' ', '')))

@description('The names, from their two parts.')
func named(label string, unique string) names => {
  resourceGroup: 'rg-outrider-${take(label, 24)}-${unique}'
  functionIdentity: 'id-outrider-func-${take(label, 24)}-${unique}'
  federationIdentity: 'id-outrider-fed-${take(label, 24)}-${unique}'
  callerIdentity: 'id-outrider-logic-${take(label, 24)}-${unique}'
  // 24 characters at most, no hyphen, unique in the world.
  storage: 'st${take(label, 9)}${unique}'
  // 24 characters at most, begins with a letter, no two hyphens in a row, unique in the world; taken while soft-deleted.
  vault: 'kv-${take(label, 7)}-${unique}'
  plan: 'plan-${take(label, 12)}-${unique}'
  // The Functions host tells apps apart by the first 32 characters.
  functionApp: 'func-${take(label, 12)}-${unique}'
  workspace: 'log-${take(label, 24)}-${unique}'
  insights: 'appi-${take(label, 24)}-${unique}'
  actionGroup: 'ag-${take(label, 24)}-${unique}'
  network: 'vnet-${take(label, 24)}-${unique}'
  logicApp: 'logic-${take(label, 12)}-${unique}'
  vaultEvents: 'evgt-${take(label, 24)}-${unique}'
  apps: 'outrider-${take(label, 24)}-${unique}'
}

@export()
@description('The names of an environment.')
func namesOf(environmentName string, location string, subscriptionId string) names =>
  named(readable(environmentName), token(environmentName, location, subscriptionId))

@export()
@description('Host name of the function app: known before it exists, since the app registration names its callback.')
func hostOf(functionApp string, cloudName string) string =>
  '${functionApp}.${cloudName == 'AzureUSGovernment' ? 'azurewebsites.us' : 'azurewebsites.net'}'
