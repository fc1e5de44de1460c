import { later, type PaddedTime } from '../time.ts';
import { type RunContext, reading } from './context.ts';
import { readAgain } from './pending.ts';
import type { Page, ReceivedAlert, Slice } from './ports.ts';
import { type Cursor, lowerBound } from './state.ts';
import { newStretch, withStretch } from './stretches.ts';

/** The largest page in Microsoft's examples of this list; no limit is documented. */
export const ALERTS_TOP = 100;
const MOST_PAGES = 20;

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
  const ids = new Set<string>();
  for (const { id, incidentId, lastUpdate } of alerts) {
    if (incidentId === undefined || seen.get(id) === lastUpdate) continue;
    const readAt = context.readAt.get(incidentId);
    // The service's clock ticks in seconds in its Date header: read later than that second, it had the alert.
    if (readAt !== undefined && readAt > lastUpdate) continue;
    ids.add(incidentId);
  }
  await readAgain(context, [...ids]);
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
