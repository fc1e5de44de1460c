import type { Answer, Asked } from './answer.ts';
import { createIncidents, type DataSet, type Incidents } from './incidents.ts';

const FILTER = /^lastUpdateDateTime ge (\S+?)(?: and lastUpdateDateTime lt (\S+))?$/;
/** All incidents are older, so that head and its overlap find nothing. */
const NEWEST_AGE_MS = 3_600_000;
const MAX_TOP = 50;

/** Graph's lists of incidents and alerts, as fast as they can be answered. The bearer token names the data set. */
export function createGraph(): (asked: Asked) => Answer {
  const sets = new Map<string, Incidents>();
  const began = Date.now();

  function setOf({ headers }: Asked): Incidents {
    const name = headers.authorization?.replace('Bearer ', '') ?? '';
    const known = sets.get(name) ?? createIncidents(name as DataSet, began - NEWEST_AGE_MS);
    sets.set(name, known);
    return known;
  }

  return (asked) => {
    const { url } = asked;
    const incidents = setOf(asked);
    const [, , , collection, id] = url.pathname.split('/');
    if (id !== undefined) {
      const index = incidents.find(id);
      if (index < 0) return { status: 404, body: '{"error":{"code":"NotFound","message":"unknown"}}' };
      return { status: 200, body: incidents.text(index, url.searchParams.has('$expand')) };
    }
    const { from, to } = windowOf(incidents.times, url.searchParams.get('$filter'));
    // No alert is newer than its incident: a window of alerts that is not empty is none that a bench should ask for.
    if (collection === 'alerts_v2' && to > from) return { status: 501, body: '' };
    return { status: 200, body: page(asked, incidents, from, to) };
  };
}

function page({ url }: Asked, incidents: Incidents, from: number, to: number): string {
  const top = Math.min(MAX_TOP, Number(url.searchParams.get('$top') ?? MAX_TOP));
  const start = from + Number(url.searchParams.get('$skip') ?? 0);
  const end = Math.min(start + top, to);
  const withAlerts = url.searchParams.has('$expand');
  const texts: string[] = [];
  for (let index = start; index < end; index++) texts.push(incidents.text(index, withAlerts));
  const next = new URL(url);
  next.searchParams.set('$skip', String(end - from));
  const link = end < to ? `"@odata.nextLink":${JSON.stringify(next.href)},` : '';
  return `{${link}"value":[${texts.join(',')}]}`;
}

/** Places of the first item of a window and of the first one after it; times descend. */
function windowOf(times: readonly string[], filter: string | null): { from: number; to: number } {
  const [, least, below] = FILTER.exec(filter ?? 'lastUpdateDateTime ge 0') ?? [];
  if (least === undefined) throw new Error(`the stand-in does not know the filter ${filter}`);
  return {
    from: below === undefined ? 0 : firstPlace(times, (time) => time < below),
    to: firstPlace(times, (time) => time < least),
  };
}

function firstPlace(times: readonly string[], holds: (time: string) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(times[middle] ?? '')) high = middle;
    else low = middle + 1;
  }
  return low;
}
