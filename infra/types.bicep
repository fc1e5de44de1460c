// Types of parameters, shared by the templates. What Outrider itself makes of a tenant: shared/config-tenants.ts.

@export()
@description('Whose tokens open the Outrider API: those of the own directory alone, or also those of registered tenants. The one word that decides sign-in audience of the app registration, issuer of the platform’s check and setting of the app.')
type callers = 'single-tenant' | 'multi-tenant'

@export()
@description('National cloud of all tenants. GCC runs in the public Azure cloud.')
type cloud = 'global' | 'gcc' | 'gcchigh' | 'dod'

@export()
@description('Microsoft Graph security, or the Defender XDR API.')
type apiFamily = 'graph' | 'xdr'

@export()
@description('Kind of credential with which Outrider signs in to a tenant.')
type credentialKind = 'federated' | 'certificate' | 'secret' | 'managedIdentity'

@description('An app registration whose federated credential trusts the federation identity. No secret anywhere.')
type federated = {
  @description('Tells it from the others.')
  kind: 'federated'
  @description('Application id of the app registration.')
  clientId: string
}

@description('A certificate in Key Vault.')
type certificate = {
  @description('Tells it from the others.')
  kind: 'certificate'
  @description('Application id of the app registration.')
  clientId: string
  @description('Name of the certificate in Key Vault.')
  certificateName: string
}

@description('A client secret in Key Vault. Named here, never written here.')
type clientSecret = {
  @description('Tells it from the others.')
  kind: 'secret'
  @description('Application id of the app registration.')
  clientId: string
  @description('Name of the secret in Key Vault.')
  secretName: string
}

@description('A managed identity itself: its own directory only.')
type managedIdentity = {
  @description('Tells it from the others.')
  kind: 'managedIdentity'
  @description('Client id of a user-assigned identity of the function app.')
  clientId: string?
}

@description('How Outrider signs in to a tenant.')
@discriminator('kind')
type credential = federated | certificate | clientSecret | managedIdentity

@export()
@description('How a tenant’s incidents are kept. What is left out has the default that docs/operations.md names.')
type syncSettings = {
  @description('How often a run is due, in minutes.')
  @minValue(1)
  @maxValue(1440)
  intervalMinutes: int?

  @description('How far back the first load reaches, in days.')
  @minValue(1)
  @maxValue(36500)
  backfillDays: int?

  @description('Overlap of the forward window, in minutes.')
  @minValue(1)
  @maxValue(360)
  overlapMinutes: int?

  @description('Days that old versions of an incident are kept.')
  @minValue(1)
  @maxValue(36500)
  historyDays: int?

  @description('Days that resolved and redirected incidents are kept after their last update.')
  @minValue(1)
  @maxValue(36500)
  resolvedDays: int?

  @description('Nothing is ever deleted while true.')
  legalHold: bool?
}

@export()
@description('A tenant that Outrider serves.')
type servedTenant = {
  @description('Directory id.')
  @minLength(36)
  @maxLength(36)
  id: string

  @description('Name shown for the tenant; its id when left out.')
  @minLength(1)
  @maxLength(200)
  name: string?

  @description('False: registered, never called.')
  enabled: bool?

  @description('Where its incidents are read.')
  api: apiFamily?

  @description('Where its hunting queries are sent. xdr stops answering on 1 February 2027.')
  huntingApi: apiFamily?

  @description('How Outrider signs in to it.')
  credential: credential

  @description('Groups of tenants that a partner’s analysts are given.')
  groups: string[]?

  @description('How its incidents are kept, where that differs.')
  sync: syncSettings?
}

@export()
@description('Who sees which groups of tenants: object id (of a caller or a security group) or app role to a list of groups; "*", for all, counts for a caller’s own object id alone.')
type tenantGroups = {
  @description('Groups of tenants, or "*".')
  *: string[]
}

@export()
@description('A budget of the resource group. It announces costs; it stops nothing.')
type budget = {
  @description('Amount a month, in the currency of the subscription.')
  @minValue(1)
  amount: int

  @description('First day of the month in which it begins: yyyy-MM-01, this month or a later one. Leave it as it is afterwards: Azure refuses a change.')
  @minLength(10)
  @maxLength(10)
  startDate: string

  @description('Who is told at 80 and 100 percent, and when 100 percent are forecast.')
  @minLength(1)
  emails: string[]
}

@export()
@description('Who may call the Outrider API without a person.')
type caller = {
  @description('Object id of a managed identity, a service principal, a group or a user.')
  @minLength(36)
  @maxLength(36)
  principalId: string

  @description('App roles of the Outrider API.')
  @minLength(1)
  roles: string[]
}

@export()
@description('API of Microsoft in which permissions are granted: Microsoft Graph, Microsoft Threat Protection (xdr), WindowsDefenderATP (mde).')
type permissionApi = 'graph' | 'xdr' | 'mde'

@export()
@description('Permissions of one API, as an app registration asks for them: an entry of requiredResourceAccess.')
type requiredAccess = {
  @description('Application id of the API.')
  resourceAppId: string

  @description('The permissions, by id.')
  resourceAccess: askedPermission[]
}

@description('A permission that is asked for.')
type askedPermission = {
  @description('Its id in the API’s service principal.')
  id: string

  @description('Role: of an app by itself. Scope: of an app in a person’s name.')
  type: 'Role' | 'Scope'
}

@export()
@description('An app role of the Outrider API.')
type appRole = {
  @description('The word in tokens, by which the code asks.')
  value: string

  @description('What it allows.')
  what: string
}

@export()
@description('What Outrider may change at a tenant, beyond reading.')
type response = 'incidents' | 'deviceActions' | 'identityActions'
