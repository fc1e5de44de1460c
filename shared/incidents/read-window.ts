import { isOutriderError } from '../errors.ts';
import { type RunContext, reading } from './context.ts';
import { isAnswerTrouble } from './pending.ts';
import type { Page, ReceivedIncident, Window } from './ports.ts';

/** A page is asked for that should weigh about this much: `$top` follows the size of what was seen. */
const PAGE_BYTES = 8 * 1024 * 1024;
/** Below this page size it is not the size that the service has trouble with: alerts are left out instead. */
const SMALL_PAGE = 5;
const LINKS_MAY_DIE = 3;

/** `$top` for the next list: as many as fit the page budget by the average size seen. */
export function topFor({ source, session }: RunContext): number {
  const { itemBytes } = session.memory.state;
  return Math.max(1, Math.min(source.maxTop, Math.floor(PAGE_BYTES / Math.max(1, itemBytes))));
}

/** Learns the average size of an incident from a page. */
export function learnSize({ session, figures }: RunContext, page: Page<unknown>): void {
  figures.bytes += page.bytes;
  if (page.items.length === 0) return;
  const { itemBytes } = session.memory.state;
  const seen = page.bytes / page.items.length;
  // Fast up, slow down: one page of giants is warning enough.
  session.stage({ itemBytes: Math.round(seen > itemBytes ? seen : itemBytes * 0.8 + seen * 0.2) });
}

/**
 * So many incidents are more than a page may weigh: the next one is asked for with a quarter of them. Kept with the
 * state, so that no later run finds out again.
 *
 * @returns false where a single incident is too large already
 */
export function learnTooLarge({ session, log }: RunContext, top: number): boolean {
  if (top <= 1) return false;
  const { itemBytes } = session.memory.state;
  const fewer = Math.max(1, Math.floor(top / 4));
  session.stage({ itemBytes: Math.max(itemBytes, Math.floor(PAGE_BYTES / fewer)) });
  log.warn('sync.page_too_large', { top, next: fewer });
  return true;
}

/**
 * The pages of a window, alerts included. Where the service cannot give that (`$expand=alerts` makes pages slow,
 * huge or 5xx) pages get smaller, then come without alerts: such incidents have `alertCount` undefined and are to
 * be completed one by one. A read that starts over repeats what it gave before, which is harmless.
 */
export async function* readWindow(
  context: RunContext,
  window: Window,
  options: { readonly withAlerts: boolean } = { withAlerts: true },
): AsyncGenerator<Page<ReceivedIncident>> {
  const { source, log } = context;
  let { withAlerts } = options;
  let top = topFor(context);
  let deadLinks = 0;
  for (;;) {
    try {
      for await (const page of source.incidentPages({ ...reading(context), window, top, withAlerts })) {
        if (withAlerts) learnSize(context, page);
        yield page;
      }
      return;
    } catch (error) {
      if (isOutriderError(error, 'upstream.link_expired')) {
        if (++deadLinks < LINKS_MAY_DIE) continue;
        throw error;
      }
      if (!isAnswerTrouble(error) || context.overBudget()) throw error;
      if (isOutriderError(error, 'upstream.too_large') && learnTooLarge(context, top)) {
        top = topFor(context);
        continue;
      }
      if (top > SMALL_PAGE || (source.family === 'xdr' && top > 1)) top = Math.max(1, Math.floor(top / 4));
      else if (withAlerts && source.family === 'graph') withAlerts = false;
      else throw error;
      log.warn('sync.page_reduced', { code: error.code, top, withAlerts });
    }
  }
}
