// App roles of the Outrider API: the roles that shared/http/actions.ts names (test/infra/permissions.test.ts).

@export()
@description('App roles, and what they allow.')
var apiRoles = [
  { value: 'Incidents.Read', what: 'Reads stored incidents, their history and the state of the sync.' }
  { value: 'Incidents.Sync', what: 'Starts a sync.' }
  { value: 'Hunts.Read', what: 'Reads queries, hunts, their rows and findings.' }
  { value: 'Hunts.Run', what: 'Runs and cancels hunts.' }
]
