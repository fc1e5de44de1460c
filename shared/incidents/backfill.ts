import { isOutriderError, OutriderError } from '../errors.ts';
import { ALERTS_TOP, readIncidentsOf } from './alert-incidents.ts';
import { forgetAlerts } from './alerts.ts';
import { completeAlerts } from './complete-alerts.ts';
import { type RunContext, reading } from './context.ts';
import { inTurn } from './large-incidents.ts';
import { isAnswerTrouble } from './pending.ts';
import type { Page, ReceivedIncident, Slice } from './ports.ts';
import { createReadAhead, firstPage, type ReadAhead } from './read-ahead.ts';
import { learnSize, learnTooLarge, readWindow, topFor } from './read-window.ts';
import type { Stretch } from './state.ts';
import { storeIncidents } from './store-incidents.ts';
import { advanced, halved, isOneTick, nextSlice, withFirst } from './stretches.ts';
import { compareWithRows } from './sweep.ts';

/** After so many pages in a row without anything new a list is not waited for any longer. */
const MOST_BARREN_PAGES = 20;

/**
 * Looks back: reads stretches by closed slices, from their ends backwards, until done or over budget; one slice even
 * where head and alerts have used up the budget, or a slow service would keep a first load from ever ending. A slice
 * never follows a link: one that does not fit a page is halved. Its bound is the checkpoint, stored with the rows.
 *
 * @returns true when nothing is left to read
 */
export async function readStretches(context: RunContext): Promise<boolean> {
  const ahead = createReadAhead(context);
  try {
    return await readSlices(context, ahead);
  } finally {
    await ahead.stop();
  }
}

async function readSlices(context: RunContext, ahead: ReadAhead): Promise<boolean> {
  const { session } = context;
  for (let slices = 0; ; slices++) {
    // First, not last: the run that stored the last slice may have died right after.
    closeFirstLoad(context);
    const stretch = session.memory.state.stretches[0];
    if (!stretch) return true;
    if (slices > 0 && context.overBudget() && !ahead.pending) return false;
    await inTurn(context, () => readSlice(context, ahead, stretch, nextSlice(stretch)));
  }
}

async function readSlice(
  context: RunContext,
  ahead: ReadAhead,
  stretch: Stretch,
  slice: Slice,
): Promise<void> {
  const { session } = context;
  const others = session.memory.state.stretches;
  const top = topFor(context);
  const setStretch = (next: Stretch): void => session.stage({ stretches: withFirst(others, next) });
  if (stretch.kind === 'alerts') {
    setStretch(await readAlertSlice(context, stretch, slice));
    return forgetAlerts(session);
  }
  const page = await firstIncidentPage(context, ahead, stretch, slice, top);
  // The same slice again, by smaller pages, and in turn.
  if (!page) return;
  if (page.hasMore && !isOneTick(slice)) return setStretch(halved(stretch, slice));
  const list = () => readWindow(context, slice, { withAlerts: stretch.kind !== 'sweep' });
  const items = page.hasMore ? await readTickByPages(context, slice, list) : page.items;
  const next = advanced(stretch, slice.from, items.length, top);
  const thenStage = { stretches: withFirst(others, next) };
  const options = { observedAt: page.serviceTime, announce: stretch.announce, thenStage };
  if (stretch.kind === 'sweep') return compareWithRows(context, slice, items, options);
  if (next.to > next.from) ahead.start({ window: nextSlice(next), top: topFor(context), withAlerts: true });
  const whole = await completeAlerts(context, items);
  // Read by id, later than the list, it may have been updated meanwhile: that is news, whatever the slice is.
  const moved = whole.filter(({ lastUpdate }) => lastUpdate >= slice.to);
  if (moved.length > 0) await storeIncidents(context, moved, { ...options, announce: true, thenStage: {} });
  const unmoved = whole.filter((incident) => !moved.includes(incident));
  await storeIncidents(context, unmoved, { ...options, expectNew: !stretch.announce });
}

/** @returns the stretch as it is after that */
async function readAlertSlice(context: RunContext, stretch: Stretch, slice: Slice): Promise<Stretch> {
  const { alertPages } = context.source;
  if (!alertPages) return advanced(stretch, slice.from, 0, ALERTS_TOP);
  const list = () => alertPages({ ...reading(context), window: slice, top: ALERTS_TOP });
  const page = await firstPage(list());
  if (page?.hasMore && !isOneTick(slice)) return halved(stretch, slice);
  const alerts = page?.hasMore ? await readTickByPages(context, slice, list) : (page?.items ?? []);
  await readIncidentsOf(context, alerts);
  return advanced(stretch, slice.from, alerts.length, ALERTS_TOP);
}

/**
 * One page of a slice; where alerts break it, a smaller one and then one without alerts.
 *
 * @returns undefined when it was too large and should be asked for again, smaller as learned from that
 */
async function firstIncidentPage(
  context: RunContext,
  ahead: ReadAhead,
  { kind }: Stretch,
  slice: Slice,
  top: number,
): Promise<Page<ReceivedIncident> | undefined> {
  const withAlerts = kind !== 'sweep';
  const attempts = [
    { top, withAlerts },
    { top: Math.max(1, Math.floor(top / 4)), withAlerts },
    withAlerts && context.source.family === 'graph' ? { top, withAlerts: false } : { top: 1, withAlerts },
  ];
  for (const [index, attempt] of attempts.entries()) {
    try {
      const page = await ahead.page({ window: slice, ...attempt });
      if (!page) break;
      if (attempt.withAlerts) learnSize(context, page);
      return page;
    } catch (error) {
      if (isOutriderError(error, 'upstream.too_large') && learnTooLarge(context, attempt.top))
        return undefined;
      if (!isAnswerTrouble(error) || index === attempts.length - 1) throw error;
      context.log.warn('sync.page_reduced', {
        code: error.code,
        top: attempt.top,
        withAlerts: attempt.withAlerts,
      });
    }
  }
  throw new Error('an incident source ended without a page');
}

/** More share one tick than fit a page: read by pages, twice, since the list may shift meanwhile. */
async function readTickByPages<Item extends { readonly id: string }>(
  context: RunContext,
  slice: Slice,
  list: () => AsyncIterable<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = [];
  for (let round = 0; round < 2; round++) {
    const known = new Set<string>();
    let barren = 0;
    for await (const { items, hasMore } of list()) {
      found.push(...items);
      const before = known.size;
      for (const { id } of items) known.add(id);
      barren = hasMore && known.size === before ? barren + 1 : 0;
      if (barren === MOST_BARREN_PAGES) throw endless(context, slice);
    }
  }
  return found;
}

/** A list that never ends would take up every run; the transport only knows that its links are new. */
function endless({ tenant, source }: RunContext, { from }: Slice): OutriderError {
  return new OutriderError(
    'upstream.unusable_answer',
    `The ${source.family} list of what was last updated at ${from} in tenant ${tenant.id} goes on and on with nothing new in it. It is tried again; if it stays so, report it to Microsoft.`,
    { tenant: tenant.id },
  );
}

function closeFirstLoad({ session, clock }: RunContext): void {
  const { firstLoad, stretches } = session.memory.state;
  if (!firstLoad || firstLoad.doneMs !== undefined) return;
  if (stretches.some(({ kind, announce }) => kind === 'incidents' && !announce)) return;
  session.stage({ firstLoad: { ...firstLoad, doneMs: clock.now() } });
}
