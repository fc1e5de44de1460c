import { addTicks } from '../time.ts';
import type { RunContext } from './context.ts';
import { readAgain, readJoined, waitFor } from './pending.ts';
import type { ReceivedAlert } from './ports.ts';
import { newStretch } from './stretches.ts';

/** The largest page in Microsoft's examples of the list of alerts; no limit is documented. */
export const ALERTS_TOP = 100;
/** No service is expected to stop at fewer alerts than this. */
const LEAST_CUT = 10;

/** Alerts that are dealt with before that is noted: what is noted is not begun anew by the next run. */
const STEP = 20;

/**
 * Reads again the incidents of alerts that changed since they were read, and notes in the state which were. So a
 * change of hundreds of incidents at once, more than a run may call for, gets on from run to run.
 */
export async function readIncidentsOf(context: RunContext, alerts: readonly ReceivedAlert[]): Promise<void> {
  const { session } = context;
  const changed = alerts.filter(({ id, lastUpdate }) => session.memory.seenAlerts.get(id) !== lastUpdate);
  for (let at = 0; at < changed.length; at += STEP) {
    const some = changed.slice(at, at + STEP);
    await readChanged(context, some);
    const seen = some.map(({ id, lastUpdate }) => [id, lastUpdate] as const);
    session.stageSeen('seenAlerts', new Map([...session.memory.seenAlerts, ...seen]));
  }
}

async function readChanged(context: RunContext, changed: readonly ReceivedAlert[]): Promise<void> {
  // The service's clock ticks in seconds in its Date header: read later than that second, it had the alert.
  const unread = changed.filter(({ incidentId, lastUpdate }) => {
    const read = incidentId === undefined ? undefined : context.readAt.get(incidentId);
    return !read || read.at <= lastUpdate;
  });
  await readAgain(context, incidentsOf(unread));
  const leftOut = changed.filter(({ id, incidentId }) => {
    const alertIds = incidentId === undefined ? undefined : context.readAt.get(incidentId)?.alertIds;
    return alertIds !== undefined && !alertIds.has(id);
  });
  const lacking = incidentsOf(leftOut);
  const many = lacking.filter((id) => shownAlerts(context, id) >= LEAST_CUT);
  // With few alerts it is more likely that the service has not joined the two yet.
  for (const id of lacking) if (!many.includes(id)) waitFor(context, id);
  if (many.length === 0 || !context.source.joinAlerts) return;
  noteCut(context, Math.min(...many.map((id) => shownAlerts(context, id))));
  await readAgain(context, many, readJoined);
}

function shownAlerts({ readAt }: RunContext, incidentId: string): number {
  return readAt.get(incidentId)?.alertIds?.size ?? 0;
}

function incidentsOf(alerts: readonly ReceivedAlert[]): string[] {
  return [...new Set(alerts.flatMap(({ incidentId }) => incidentId ?? []))];
}

/**
 * An incident read with many alerts lacks one that the list of alerts names it for: the service cuts. From now on
 * incidents with as many alerts get them from that list, and a sweep looks for those that are stored already.
 */
function noteCut({ session, log }: RunContext, limit: number): void {
  const { expandLimit, firstLoad, head, stretches } = session.memory.state;
  if (expandLimit !== undefined && expandLimit <= limit) return;
  log.warn('sync.alerts_cut', { at: limit });
  session.stage({ expandLimit: limit });
  if (!firstLoad || !head) return;
  const sweep = newStretch('sweep', firstLoad.from, addTicks(head.watermark, 1), true);
  session.stage({ stretches: [...stretches, sweep] });
}
