import { mapLimit } from '../concurrency.ts';
import type { RunContext } from './context.ts';
import { readsAtOnce } from './large-incidents.ts';
import { isAnswerTrouble, mayBeCut, readWhole } from './pending.ts';
import type { ReceivedIncident } from './ports.ts';
import { currentRecord } from './store-incidents.ts';

/**
 * Gives incidents that were listed without alerts, or with fewer than there may be, their alerts, by reading them one
 * by one; those whose stored record is as new and whole are left out. Where even that fails the incident stays without alerts and will be
 * stored so, and retried.
 */
export async function completeAlerts(
  context: RunContext,
  incidents: readonly ReceivedIncident[],
): Promise<ReceivedIncident[]> {
  const completed = await mapLimit(incidents, readsAtOnce(context), async (incident) => {
    const cut = mayBeCut(context, incident);
    if (incident.alertCount !== undefined && !cut) return incident;
    const stored = await currentRecord(context, incident.id);
    const known =
      stored?.lastUpdate === incident.lastUpdate &&
      (cut ? stored.alertsJoined : stored.alerts >= 0) &&
      stored.notSeenSince === undefined;
    if (known) return undefined;
    try {
      return (await readWhole(context, incident.id)).incident ?? incident;
    } catch (error) {
      if (!isAnswerTrouble(error)) throw error;
      return incident;
    }
  });
  return completed.filter((incident) => incident !== undefined);
}
