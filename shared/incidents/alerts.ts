import { isOutriderError } from '../errors.ts';
import { addTicks, later, type PaddedTime } from '../time.ts';
import { ALERTS_TOP, readIncidentsOf } from './alert-incidents.ts';
import { checkPass } from './check-alerts.ts';
import { type RunContext, reading } from './context.ts';
import type { Slice } from './ports.ts';
import type { Session } from './session.ts';
import { type Cursor, lowerBound } from './state.ts';
import { newStretch, withStretch } from './stretches.ts';

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
  let passed: ReadonlyMap<string, PaddedTime> = new Map();
  let began: PaddedTime | undefined;
  let greatest: PaddedTime | undefined;
  let pages = 0;
  try {
    for await (const page of source.alertPages({ ...reading(context), window: { from }, top: ALERTS_TOP })) {
      began ??= page.serviceTime;
      pages++;
      await readIncidentsOf(context, page.items);
      passed = new Map([...passed, ...page.items.map(({ id, lastUpdate }) => [id, lastUpdate] as const)]);
      for (const { lastUpdate } of page.items) {
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
  if (pages > 1) passed = await checkPass(context, { from, to: addTicks(began, 1) }, pages, passed);
  const alerts = { watermark: later(cursor.watermark, greatest ?? cursor.watermark), passBegan: began };
  session.stage({ alerts });
  session.stageSeen('seenAlerts', new Map([...session.memory.seenAlerts, ...passed]));
  forgetAlerts(session);
}

function handOver({ session }: RunContext, window: Slice): void {
  const next = newStretch('alerts', window.from, window.to, true);
  const stretches = withStretch(session.memory.state.stretches, next);
  session.stage({ alerts: { watermark: window.to }, stretches });
  forgetAlerts(session);
}

/** Forgets which alerts were dealt with where neither the next pass nor a waiting slice will show them again. */
export function forgetAlerts(session: Session): void {
  const { state, seenAlerts } = session.memory;
  const passFrom = state.alerts && lowerBound(state.alerts, state.overlapMs);
  const waiting = state.stretches.filter(({ kind }) => kind === 'alerts');
  const isNeeded = (lastUpdate: string): boolean =>
    (passFrom !== undefined && lastUpdate >= passFrom) ||
    waiting.some(({ from, to }) => lastUpdate >= from && lastUpdate < to);
  session.stageSeen('seenAlerts', new Map([...seenAlerts].filter(([, lastUpdate]) => isNeeded(lastUpdate))));
}
