import type { Cloud } from '../clouds.ts';
import type { IncidentSource, Reading, ReceivedAlert, ReceivedIncident, Window } from '../incidents/ports.ts';
import { addMs, type PaddedTime } from '../time.ts';
import type { Call } from './call.ts';
import { linkCall, linkedPages, pageOf, usable } from './pages.ts';
import { isRecord } from './raw-json.ts';
import { type Fields, fieldsOf, firstTime, idText, textOf } from './received.ts';
import { spliceAlerts } from './splice-alerts.ts';
import type { Transport } from './transport.ts';
import { tooLarge } from './upstream-error.ts';
import { pathSegment } from './urls.ts';

/** More than 50 is refused with 400. */
const MAX_TOP = 50;
/** No limit is documented for alerts_v2; its page shows 100. */
const MAX_ALERTS_TOP = 100;
const TIMES = ['lastUpdateDateTime', 'createdDateTime'];
/** Largest page of several incidents, in bytes; more is asked for again in smaller pages. */
const MAX_PAGE_BYTES = 12 * 1024 * 1024;
/** Bytes that the further alerts of one incident may have together. */
const MAX_SPLICED_BYTES = 32 * 1024 * 1024;
/** How far before an incident's creation its alerts are looked for, and through how many pages. */
const JOIN_BACK_MS = 24 * 3_600_000;
const MAX_JOIN_PAGES = 50;

const COMMON = {
  resource: 'graph',
  family: 'graph.security',
  method: 'GET',
  // Without it the enum members that were added later arrive as unknownFutureValue.
  headers: { prefer: 'include-unknown-enum-members' },
} as const;
const CALLS = {
  incidents: { ...COMMON, permission: 'SecurityIncident.Read.All', purpose: 'read incidents' },
  alerts: { ...COMMON, permission: 'SecurityAlert.Read.All', purpose: 'read alerts' },
} as const;

/**
 * Incidents and alerts by Microsoft Graph v1.0
 * (https://learn.microsoft.com/graph/api/security-list-incidents, .../security-list-alerts_v2).
 * Needs the application permissions SecurityIncident.Read.All and, for the list of alerts, SecurityAlert.Read.All.
 */
export function createGraphIncidents({
  transport,
  cloud,
}: {
  readonly transport: Transport;
  readonly cloud: Cloud;
}): IncidentSource {
  const { origin } = cloud.resources.graph;

  function callFor({ tenant, signal, onCall }: Reading, of: 'incidents' | 'alerts', path: string): Call {
    return { ...CALLS[of], tenant, signal, onCall, origin, url: `${origin}/v1.0/security/${path}` };
  }

  /** The incident with the alerts of further pages in it, if its alerts were paged. */
  async function received(
    call: Call,
    text: string,
    serviceTime: PaddedTime,
    withAlerts: boolean,
  ): Promise<ReceivedIncident> {
    const fields = usable(call, () => fieldsOf(text));
    const link = textOf(fields, 'alerts@odata.nextLink');
    const parsed = (whole: string, from: Fields): ReceivedIncident => {
      const incident = graphIncident(from, whole, serviceTime);
      // Asked for and not there: the incident has none.
      return withAlerts
        ? { ...incident, alertCount: incident.alertCount ?? 0, alertIds: alertIdsOf(from) }
        : incident;
    };
    if (link === undefined) return usable(call, () => parsed(text, fields));
    const more = await furtherAlerts(linkCall(call, link));
    return usable(call, () => {
      const whole = spliceAlerts(text, more);
      return parsed(whole, fieldsOf(whole));
    });
  }

  async function furtherAlerts(first: Call): Promise<string[]> {
    const alerts: string[] = [];
    let bytes = 0;
    for await (const { answer, elements } of linkedPages(transport, first)) {
      bytes += answer.bytes;
      if (bytes > MAX_SPLICED_BYTES) throw tooLarge(first, MAX_SPLICED_BYTES);
      for (const alert of elements) alerts.push(alert);
    }
    return alerts;
  }

  return {
    family: 'graph',
    maxTop: MAX_TOP,

    async *incidentPages({ window, top, withAlerts, ...reading }) {
      const size = `$top=${Math.min(top, MAX_TOP)}${withAlerts ? '&$expand=alerts' : ''}`;
      const call = callFor(reading, 'incidents', `incidents?$filter=${filterOf(window)}&${size}`);
      const first = top > 1 ? { ...call, limits: { maxBytes: MAX_PAGE_BYTES } } : call;
      for await (const page of linkedPages(transport, first)) {
        const items: ReceivedIncident[] = [];
        for (const text of page.elements)
          items.push(await received(page.call, text, page.answer.serviceTime, withAlerts));
        yield pageOf(page, items, page.nextLink !== undefined);
      }
    },

    async incident({ id, withAlerts = true, ...reading }) {
      const segment = pathSegment({ ...CALLS.incidents, ...reading }, id);
      const path = `incidents/${segment}${withAlerts ? '?$expand=alerts' : ''}`;
      const call = { ...callFor(reading, 'incidents', path), expected: [404] };
      const { status, text, serviceTime } = await transport.send(call);
      const incident = status === 404 ? undefined : await received(call, text, serviceTime, withAlerts);
      return { incident, serviceTime };
    },

    async joinAlerts({ incident, ...reading }) {
      const window = { from: addMs(incident.created, -JOIN_BACK_MS) };
      const query = `$filter=${filterOf(window)}&$top=${MAX_ALERTS_TOP}`;
      const call = callFor(reading, 'alerts', `alerts_v2?${query}`);
      const alerts: string[] = [];
      let pages = 0;
      for await (const page of linkedPages(transport, call)) {
        if (++pages > MAX_JOIN_PAGES) throw tooLarge(call, MAX_SPLICED_BYTES);
        for (const text of page.elements) {
          if (
            textOf(
              usable(call, () => fieldsOf(text)),
              'incidentId',
            ) === incident.id
          )
            alerts.push(text);
        }
      }
      const text = spliceAlerts(incident.text, alerts);
      return { ...incident, text, alertCount: alerts.length, alertsJoined: true };
    },

    async *alertPages({ window, top, ...reading }) {
      const query = `$filter=${filterOf(window)}&$top=${Math.min(top, MAX_ALERTS_TOP)}`;
      for await (const page of linkedPages(transport, callFor(reading, 'alerts', `alerts_v2?${query}`))) {
        const items = usable(page.call, () =>
          page.elements.map((text) => graphAlert(text, page.answer.serviceTime)),
        );
        yield pageOf(page, items, page.nextLink !== undefined);
      }
    },
  };
}

function filterOf({ from, to }: Window): string {
  const upper = to === undefined ? '' : ` and lastUpdateDateTime lt ${to}`;
  return encodeURIComponent(`lastUpdateDateTime ge ${from}${upper}`);
}

/** The fields of an incident of Graph that Outrider itself reads. */
export function graphIncident(fields: Fields, text: string, serviceTime: PaddedTime): ReceivedIncident {
  const id = idText(fields, 'id', text);
  if (id === undefined) throw new SyntaxError('an incident has no id');
  const lastUpdate = firstTime(fields, TIMES) ?? serviceTime;
  return {
    id,
    family: 'graph',
    text,
    lastUpdate,
    created: firstTime(fields, ['createdDateTime']) ?? lastUpdate,
    status: textOf(fields, 'status') ?? 'unknown',
    severity: textOf(fields, 'severity') ?? 'unknown',
    title: textOf(fields, 'displayName') ?? '',
    assignedTo: textOf(fields, 'assignedTo'),
    classification: textOf(fields, 'classification'),
    determination: textOf(fields, 'determination'),
    webUrl: textOf(fields, 'incidentWebUrl'),
    redirectTo: idText(fields, 'redirectIncidentId', text),
    alertCount: Array.isArray(fields.alerts) ? fields.alerts.length : undefined,
  };
}

function alertIdsOf({ alerts }: Fields): ReadonlySet<string> {
  const ids = Array.isArray(alerts) ? alerts.map((alert: unknown) => isRecord(alert) && alert.id) : [];
  return new Set(ids.filter((id) => typeof id === 'string'));
}

function graphAlert(text: string, serviceTime: PaddedTime): ReceivedAlert {
  const fields = fieldsOf(text);
  const id = idText(fields, 'id', text);
  if (id === undefined) throw new SyntaxError('an alert has no id');
  return {
    id,
    incidentId: idText(fields, 'incidentId', text),
    lastUpdate: firstTime(fields, TIMES) ?? serviceTime,
    text,
  };
}
