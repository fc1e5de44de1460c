// The permissions that Outrider asks for, by name: the least of each line of shared/permissions.ts. Ids are looked up
// in the directory when this is deployed: the ids that are written down in public are often wrong.
// test/infra/permissions.test.ts compares these lists with the code's table.

@export()
@description('Application ids of Microsoft’s APIs.')
var apiIds = {
  graph: '00000003-0000-0000-c000-000000000000'
  xdr: '8ee8fdad-f234-4243-8f3b-15c294843740'
  mde: 'fc780465-2017-40d4-a0c5-307022471b92'
}

@export()
@description('Application permissions that only read.')
var readRoles = {
  graph: ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'ThreatHunting.Read.All', 'SecurityIdentitiesAccount.Read.All']
  xdr: ['Incident.Read.All', 'AdvancedHunting.Read.All']
  mde: ['Machine.Read.All']
}

@export()
@description('Delegated permissions that only read: for people, and for work on behalf of them.')
var readScopes = {
  graph: ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'ThreatHunting.Read.All', 'SecurityIdentitiesAccount.Read.All']
  xdr: ['Incident.Read', 'AdvancedHunting.Read']
  mde: ['Machine.Read']
}

@export()
@description('Application permissions that change something, by what they are for.')
var changeRoles = {
  incidents: { graph: ['SecurityIncident.ReadWrite.All'], xdr: ['Incident.ReadWrite.All'], mde: [] }
  deviceActions: { graph: [], xdr: [], mde: ['Machine.Isolate'] }
  identityActions: { graph: ['SecurityIdentitiesActions.ReadWrite.All'], xdr: [], mde: [] }
}

@export()
@description('Delegated permissions that change something, by what they are for.')
var changeScopes = {
  incidents: { graph: ['SecurityIncident.ReadWrite.All'], xdr: ['Incident.ReadWrite'], mde: [] }
  deviceActions: { graph: [], xdr: [], mde: ['Machine.Isolate'] }
  identityActions: { graph: ['SecurityIdentitiesActions.ReadWrite.All'], xdr: [], mde: [] }
}

@description('Names of permissions, by API.')
type namesByApi = {
  @description('Those of one API: graph, xdr or mde.')
  *: string[]
}

@description('Names of permissions, by what they are for and by API.')
type namesByResponse = {
  @description('Those of one kind of change.')
  *: namesByApi
}

@export()
@description('The permissions of one API: those that read, and those of the changes that were asked for.')
func withChanges(reads namesByApi, changes namesByResponse, responses string[], api string) string[] =>
  concat(reads[api], flatten(map(responses, what => changes[what][api])))
