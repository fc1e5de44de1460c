import type { Cloud } from '../clouds.ts';
import type { IncidentSource, Reading, ReceivedIncident, Window } from '../incidents/ports.ts';
import type { PaddedTime } from '../time.ts';
import type { Call } from './call.ts';
import { linkCall, MAX_PAGES, pageOf, type RawPage, usable } from './pages.ts';
import { fieldsOf, firstTime, idText, textOf } from './received.ts';
import type { Transport } from './transport.ts';
import { unusable } from './upstream-error.ts';
import { incidentWebUrl, pathSegment } from './urls.ts';
import { readIncidents } from './xdr-oversize.ts';
import { classification, determination, incidentStatus, severity } from './xdr-words.ts';

const MAX_TOP = 100;
/** As many pages in a row with the same incidents mean that `$skip` is not obeyed. */
const SAME_PAGES = 3;

const CALL = {
  resource: 'xdr',
  family: 'xdr.incidents',
  method: 'GET',
  permission: 'Incident.Read.All',
  purpose: 'read incidents',
} as const;

/**
 * Incidents by the Defender XDR API (https://learn.microsoft.com/defender-xdr/api-list-incidents), alerts always
 * with them. Needs the application permission Incident.Read.All. There is no list of alerts.
 */
export function createXdrIncidents({
  transport,
  cloud,
}: {
  readonly transport: Transport;
  readonly cloud: Cloud;
}): IncidentSource {
  const { origin } = cloud.resources.xdr;

  function callFor({ tenant, signal, onCall }: Reading, path: string): Call {
    return { ...CALL, tenant, signal, onCall, origin, url: `${origin}/api/incidents${path}` };
  }

  /** Pages by the service's link where it gives one, else by `$skip`, as documented, until one is not full. */
  async function* rawPages(reading: Reading, window: Window, top: number) {
    const query = `?$filter=${filterOf(window)}&$top=${top}`;
    const followed = new Set<string>();
    let call: Call | undefined = callFor(reading, query);
    let skip = 0;
    while (call) {
      if (followed.has(call.url)) throw unusable(call, 'its links go in a circle');
      if (followed.size >= MAX_PAGES) throw unusable(call, `the list does not end after ${MAX_PAGES} pages`);
      followed.add(call.url);
      const { page, partial } = await readIncidents(transport, call, top);
      skip += page.elements.length;
      const full = page.elements.length >= top;
      yield { page, partial, hasMore: full || page.nextLink !== undefined };
      if (page.nextLink !== undefined) call = linkCall(call, page.nextLink);
      else call = full ? callFor(reading, `${query}&$skip=${skip}`) : undefined;
    }
  }

  function received(text: string, { tenant }: Reading, serviceTime: PaddedTime): ReceivedIncident {
    return xdrIncident(text, serviceTime, (id) => incidentWebUrl(cloud.portal, tenant, id));
  }

  function listed(page: RawPage, partial: boolean, reading: Reading): ReceivedIncident[] {
    return page.elements.map((text) => {
      const incident = received(text, reading, page.answer.serviceTime);
      return partial ? { ...incident, alertCount: undefined } : incident;
    });
  }

  return {
    family: 'xdr',
    maxTop: MAX_TOP,

    async *incidentPages({ window, top, withAlerts: _inline, ...reading }) {
      let before = '';
      let repeated = 1;
      for await (const { page, partial, hasMore } of rawPages(reading, window, Math.min(top, MAX_TOP))) {
        const items = usable(page.call, () => listed(page, partial, reading));
        const ids = items.map(({ id }) => id).join(' ');
        repeated = ids === before && ids !== '' ? repeated + 1 : 1;
        if (repeated >= SAME_PAGES) throw unusable(page.call, 'every page holds the same incidents');
        before = ids;
        yield pageOf(page, items, hasMore);
      }
    },

    async incident({ id, ...reading }) {
      const call = { ...callFor(reading, `/${pathSegment({ ...CALL, ...reading }, id)}`), expected: [404] };
      const { status, text, serviceTime } = await transport.send(call);
      if (status === 404) return { incident: undefined, serviceTime };
      return { incident: usable(call, () => received(text, reading, serviceTime)), serviceTime };
    },
  };
}

function filterOf({ from, to }: Window): string {
  const upper = to === undefined ? '' : ` and lastUpdateTime lt ${to}`;
  return encodeURIComponent(`lastUpdateTime ge ${from}${upper}`);
}

/** The fields of an incident of the Defender XDR API that Outrider itself reads, in Graph's words. */
export function xdrIncident(
  text: string,
  serviceTime: PaddedTime,
  webUrlOf: (id: string) => string,
): ReceivedIncident {
  const fields = fieldsOf(text);
  const id = idText(fields, 'incidentId', text);
  if (id === undefined) throw new SyntaxError('an incident has no id');
  const lastUpdate = firstTime(fields, ['lastUpdateTime', 'createdTime']) ?? serviceTime;
  return {
    id,
    family: 'xdr',
    text,
    lastUpdate,
    created: firstTime(fields, ['createdTime']) ?? lastUpdate,
    status: incidentStatus(fields.status) ?? 'unknown',
    severity: severity(fields.severity) ?? 'unknown',
    title: textOf(fields, 'incidentName') ?? '',
    assignedTo: textOf(fields, 'assignedTo'),
    classification: classification(fields.classification),
    determination: determination(fields.determination),
    webUrl: textOf(fields, 'incidentUri') ?? webUrlOf(id),
    redirectTo: idText(fields, 'redirectIncidentId', text),
    alertCount: Array.isArray(fields.alerts) ? fields.alerts.length : 0,
  };
}
