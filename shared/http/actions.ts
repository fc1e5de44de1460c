/** What a caller may want to do, and the app role of the Outrider API that allows it. */
export const ACTIONS = {
  'incidents.read': 'Incidents.Read',
  'incidents.sync': 'Incidents.Sync',
  'incidents.update': 'Incidents.Update',
  'hunts.read': 'Hunts.Read',
  'hunts.run': 'Hunts.Run',
  'queries.read': 'Hunts.Read',
  'tenants.read': 'Tenants.Read',
  'tenants.manage': 'Tenants.Manage',
} as const;

export type Action = keyof typeof ACTIONS;

/**
 * What callers of a customer's directory may do, in their own tenant. The customer's admin decides who has which app
 * role there, so everything about the deployment itself, and about who the customers are, must be left out.
 */
export const CUSTOMER_ACTIONS: ReadonlySet<Action> = new Set([
  'incidents.read',
  'incidents.sync',
  'incidents.update',
  'hunts.read',
  'hunts.run',
]);
