import type { PaddedTime } from '../time.ts';
import { ALERTS_TOP, readIncidentsOf } from './alert-incidents.ts';
import { type RunContext, reading } from './context.ts';
import type { ReceivedAlert, Slice } from './ports.ts';
import { halves, isOneTick, slicedByDensity } from './stretches.ts';

/** A slice should fill a page to this part. */
const GOOD_FILL = 0.6;

/**
 * Between two pages of a live list an alert can fall through, and no sweep would miss it. So a pass of several pages is
 * checked by slices, which cannot shift: what they show and the pass did not is read now.
 *
 * @param passed last update of each alert that the pass showed
 * @returns the same with what it did not show
 */
export async function checkPass(
  context: RunContext,
  window: Slice,
  pages: number,
  passed: ReadonlyMap<string, PaddedTime>,
): Promise<ReadonlyMap<string, PaddedTime>> {
  const known = new Map([...context.session.memory.seenAlerts, ...passed]);
  const room = Math.max(1, Math.floor((GOOD_FILL * passed.size) / pages));
  for (const slice of slicedByDensity(window, [...passed.values()], room))
    await checkSlice(context, slice, known);
  return known;
}

async function checkSlice(context: RunContext, slice: Slice, known: Map<string, string>): Promise<void> {
  const alerts = await alertsIn(context, slice);
  if (alerts === undefined) {
    for (const half of halves(slice)) await checkSlice(context, half, known);
    return;
  }
  await readIncidentsOf(context, alerts);
  for (const { id, lastUpdate } of alerts) known.set(id, lastUpdate);
}

/** All alerts of a slice; undefined when they do not fit a page. One tick is read by pages. */
async function alertsIn(context: RunContext, slice: Slice): Promise<readonly ReceivedAlert[] | undefined> {
  const found: ReceivedAlert[] = [];
  const query = { ...reading(context), window: slice, top: ALERTS_TOP };
  for await (const page of context.source.alertPages?.(query) ?? []) {
    if (page.hasMore && !isOneTick(slice)) return undefined;
    found.push(...page.items);
  }
  return found;
}
