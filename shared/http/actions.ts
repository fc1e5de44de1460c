/** What a caller may want to do, and the app role of the Outrider API that allows it. */
export const ACTIONS = {
  'incidents.read': 'Incidents.Read',
  'incidents.sync': 'Incidents.Sync',
  'hunts.read': 'Hunts.Read',
  'hunts.run': 'Hunts.Run',
} as const;

export type Action = keyof typeof ACTIONS;
