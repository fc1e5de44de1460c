import { isOutriderError } from '../errors.ts';
import { later, type PaddedTime } from '../time.ts';
import { completeAlerts } from './complete-alerts.ts';
import type { RunContext } from './context.ts';
import type { Page, ReceivedIncident } from './ports.ts';
import { readWindow } from './read-window.ts';
import { type Cursor, lowerBound } from './state.ts';
import { storeIncidents } from './store-incidents.ts';
import { newStretch, withStretch } from './stretches.ts';

/** A window with more pages than this is handed to backfill, and the watermark jumps: data stays fresh. */
const MOST_PAGES = 20;
/** Stretches are part of the state row: with so many waiting a long window is read to its end instead. */
const MOST_STRETCHES = 50;

/** What a pass has seen of one list, for the watermark and for the next pass's comparison. */
interface Sight {
  /** Service time of the pass's first page. */
  began: PaddedTime | undefined;
  pages: number;
  /** Greatest last update not later than `began`. */
  greatest: PaddedTime | undefined;
  readonly versions: Map<string, { readonly version: string; readonly lastUpdate: PaddedTime }>;
}

/**
 * Looks forward: everything updated since the watermark, less the overlap. The watermark moves only when the pass
 * is complete and all of it is stored (it is staged here, and written with or after the last rows).
 */
export async function readHead(context: RunContext, cursor: Cursor): Promise<void> {
  const { session } = context;
  const from = lowerBound(cursor, session.memory.state.overlapMs);
  const sight: Sight = { began: undefined, pages: 0, greatest: undefined, versions: new Map() };
  try {
    for await (const page of readWindow(context, { from })) {
      await storePage(context, cursor, page, sight);
      const mayHandOver = session.memory.state.stretches.length < MOST_STRETCHES;
      if (sight.pages >= MOST_PAGES && page.hasMore && mayHandOver) {
        return handOver(context, from, sight.began ?? page.serviceTime);
      }
    }
  } catch (error) {
    // Links that die again and again: slices need none.
    if (!isOutriderError(error, 'upstream.link_expired') || sight.began === undefined) throw error;
    return handOver(context, from, sight.began);
  }
  if (sight.began === undefined) return;
  finishPass(context, cursor, sight, sight.began);
}

async function storePage(
  context: RunContext,
  cursor: Cursor,
  page: Page<ReceivedIncident>,
  sight: Sight,
): Promise<void> {
  sight.began ??= page.serviceTime;
  sight.pages++;
  const incidents = await completeAlerts(context, page.items);
  const before = context.figures.stored;
  const versions = await storeIncidents(context, incidents, { observedAt: page.serviceTime, announce: true });
  if (context.figures.stored > before) countLate(context, cursor, incidents);
  for (const { id, lastUpdate } of incidents) {
    const version = versions.get(id);
    if (version) sight.versions.set(id, { version, lastUpdate });
  }
  for (const { lastUpdate } of page.items) {
    if (lastUpdate <= sight.began) sight.greatest = later(sight.greatest ?? lastUpdate, lastUpdate);
  }
}

/** Late arrivals: behind the watermark and not seen by the passes before. */
function countLate(context: RunContext, cursor: Cursor, incidents: readonly ReceivedIncident[]): void {
  const { seen, state } = context.session.memory;
  if (cursor.passBegan === undefined) return;
  const late = incidents.filter(
    ({ id, lastUpdate }) => lastUpdate < cursor.watermark && !seen.has(id),
  ).length;
  if (late === 0) return;
  context.figures.late += late;
  context.session.stage({ counts: { ...state.counts, late: state.counts.late + late } });
}

function finishPass({ session }: RunContext, cursor: Cursor, sight: Sight, began: PaddedTime): void {
  const watermark = later(cursor.watermark, sight.greatest ?? cursor.watermark);
  const head = { watermark, passBegan: began };
  const { state } = session.memory;
  const nextFrom = lowerBound(head, state.overlapMs);
  const kept = [...sight.versions].filter(([, { lastUpdate }]) => lastUpdate >= nextFrom);
  session.stage({ head });
  session.stageSeen('seen', new Map(kept.map(([id, { version }]) => [id, version])));
  // Between two pages of a live list an incident can fall through; only slices read again can tell.
  if (sight.pages > 1) session.stage({ sweepWanted: true });
}

/** The window was too long for one pass: backfill reads what lies behind, announced, and head goes on from now. */
async function handOver({ session, log }: RunContext, from: PaddedTime, began: PaddedTime): Promise<void> {
  const { stretches } = session.memory.state;
  session.stage({
    head: { watermark: began },
    stretches: withStretch(stretches, newStretch('incidents', from, began, true)),
  });
  session.stageSeen('seen', new Map());
  log.info('sync.head_handed_over', { from, to: began });
  await session.commit([]);
}
