import { isOutriderError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type IncidentChange, type IncidentUpdater, namesOf } from './change.ts';
import type { ReceivedIncident } from './ports.ts';

export interface UpdateDependencies {
  readonly updater: IncidentUpdater;
  /** Asks for a sync run of the tenant, by which the store learns of the change. */
  readonly requestRun: () => Promise<unknown>;
  readonly log: Log;
}

/**
 * Changes an incident at the service. The store is left to the sync, the only one that writes incidents: a run is asked
 * for, and should that fail, the next one that is due finds the change by its last-update time.
 *
 * @returns the incident as it is now; undefined when the service does not know it
 * @throws OutriderError as `IncidentUpdater.update`
 */
export async function updateIncident(
  { updater, requestRun, log }: UpdateDependencies,
  order: { readonly tenant: string; readonly id: string; readonly change: IncidentChange },
): Promise<ReceivedIncident | undefined> {
  const about = { incident: order.id, changed: namesOf(order.change).join(',') };
  const sync = (): Promise<unknown> =>
    requestRun().catch((error: unknown) => {
      log.warn('incident.sync_not_asked', { code: isOutriderError(error) ? error.code : 'internal' });
    });
  try {
    const incident = await updater.update(order);
    if (incident === undefined) return undefined;
    log.info('incident.updated', about);
    await sync();
    return incident;
  } catch (error) {
    if (isOutriderError(error, 'incident.half_updated')) {
      log.warn('incident.half_updated', about);
      await sync();
    }
    throw error;
  }
}
