import { isOutriderError } from '../errors.ts';
import { addTicks, later, type PaddedTime } from '../time.ts';
import { type RunContext, reading } from './context.ts';
import { readAgain, readJoined } from './pending.ts';
import type { Page, ReceivedAlert, Slice } from './ports.ts';
import { type Cursor, lowerBound } from './state.ts';
import { newStretch, withStretch } from './stretches.ts';

/** The largest page in Microsoft's examples of this list; no limit is documented. */
export const ALERTS_TOP = 100;
const MOST_PAGES = 20;
/** No service is expected to stop at fewer alerts than this. */
const LEAST_CUT = 10;

/**
 * Whether a change of an alert moves its incident is not documented. So the alerts have their own pass: incidents
 * named by changed alerts and not read since are read again by id.
 */
export async function readAlerts(context: RunContext, cursor: Cursor): Promise<void> {
  const { source, session } = context;
  if (!source.alertPages) return;
  const { overlapMs } = session.memory.state;
  const from = lowerBound(cursor, overlapMs);
  const passed = new Map<string, PaddedTime>();
  let began: PaddedTime | undefined;
  let greatest: PaddedTime | undefined;
  let pages = 0;
  try {
    for await (const page of source.alertPages({ ...reading(context), window: { from }, top: ALERTS_TOP })) {
      began ??= page.serviceTime;
      pages++;
      await readIncidentsOf(context, page.items, session.memory.seenAlerts);
      for (const { id, lastUpdate } of page.items) {
        passed.set(id, lastUpdate);
        if (lastUpdate <= began) greatest = later(greatest ?? lastUpdate, lastUpdate);
      }
      if (pages >= MOST_PAGES && page.hasMore) return handOver(context, { from, to: began });
    }
  } catch (error) {
    // Slices need no links.
    if (!isOutriderError(error, 'upstream.link_expired') || began === undefined) throw error;
    return handOver(context, { from, to: began });
  }
  if (began === undefined) return;
  const alerts = { watermark: later(cursor.watermark, greatest ?? cursor.watermark), passBegan: began };
  const nextFrom = lowerBound(alerts, overlapMs);
  session.stage({ alerts });
  session.stageSeen('seenAlerts', new Map([...passed].filter(([, lastUpdate]) => lastUpdate >= nextFrom)));
}

/** Reads again the incidents of alerts that changed since they were read. */
export async function readIncidentsOf(
  context: RunContext,
  alerts: Page<ReceivedAlert>['items'],
  seen: ReadonlyMap<string, string>,
): Promise<void> {
  const changed = alerts.filter(({ id, lastUpdate }) => seen.get(id) !== lastUpdate);
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
  if (leftOut.length === 0 || !context.source.joinAlerts) return;
  noteCut(context, leftOut);
  await readAgain(context, incidentsOf(leftOut), readJoined);
}

function incidentsOf(alerts: readonly ReceivedAlert[]): string[] {
  return [...new Set(alerts.flatMap(({ incidentId }) => incidentId ?? []))];
}

/**
 * An incident read with many alerts lacks one that the list of alerts names it for: the service cuts. From now on
 * incidents with as many alerts get them from that list, and a sweep looks for those that are stored already. With few
 * alerts it is more likely that the service has not joined the two yet.
 */
function noteCut({ session, readAt, log }: RunContext, leftOut: readonly ReceivedAlert[]): void {
  const { expandLimit, firstLoad, head, stretches } = session.memory.state;
  const counts = incidentsOf(leftOut).map((id) => readAt.get(id)?.alertIds?.size ?? 0);
  const limit = Math.min(expandLimit ?? Number.POSITIVE_INFINITY, ...counts);
  if (limit < LEAST_CUT || limit === expandLimit) return;
  log.warn('sync.alerts_cut', { at: limit });
  session.stage({ expandLimit: limit });
  if (!firstLoad || !head) return;
  const sweep = newStretch('sweep', firstLoad.from, addTicks(head.watermark, 1), true);
  session.stage({ stretches: [...stretches, sweep] });
}

function handOver({ session }: RunContext, window: Slice): void {
  session.stage({
    alerts: { watermark: window.to },
    stretches: withStretch(
      session.memory.state.stretches,
      newStretch('alerts', window.from, window.to, true),
    ),
  });
  session.stageSeen('seenAlerts', new Map());
}
