// App roles of the Outrider API: the roles that shared/http/actions.ts names (test/infra/permissions.test.ts).

import { appRole } from '../types.bicep'

@export()
@description('App roles, and what they allow.')
var apiRoles = [
  { value: 'Incidents.Read', what: 'Reads stored incidents, their history and the state of the sync.' }
  { value: 'Incidents.Sync', what: 'Starts a sync.' }
  { value: 'Incidents.Update', what: 'Changes incidents at the service.' }
  { value: 'Hunts.Read', what: 'Reads queries, hunts, their rows and findings.' }
  { value: 'Hunts.Run', what: 'Runs and cancels hunts.' }
  { value: 'Tenants.Read', what: 'Reads which tenants are served, and what was done to them.' }
  { value: 'Tenants.Manage', what: 'Registers, changes, suspends and removes tenants.' }
]

@export()
@description('The role that gives sight of one group of tenants.')
func groupRole(name string) appRole => { value: 'Tenants.Group.${name}', what: 'Sees the tenants of the group ${name}.' }
