import type { LabAnswer, LabClock, LabRequest } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import type { LiveTenant } from './defender.ts';
import { jsonAnswer, type Trace, textAnswer } from './graph-answers.ts';
import { ALERT_FILTER, INCIDENT_FILTER } from './graph-enums.ts';
import { refuseBigExpand } from './graph-expand.ts';
import type { GraphRenderer } from './graph-render.ts';
import type { Listed, Page, Selection } from './live-list.ts';
import { nextLink, skipOfToken } from './next-link.ts';
import { shiftPage } from './page-shift.ts';
import { numberOption, QueryError, type ReadTarget, refuseOtherOptions } from './query.ts';
import { selectionOf } from './selection.ts';
import { type ServedAlert, type ServedIncident, servedAlerts } from './served.ts';
import { alertField, incidentField, isRedirected } from './served-fields.ts';
import type { DefenderSettings } from './settings.ts';

/** A request that has passed sign-in, permission and quota. */
export interface GraphRead {
  readonly request: LabRequest;
  readonly target: ReadTarget;
  readonly trace: Trace;
  readonly tenant: LiveTenant;
}

/** What each reading endpoint answers. All throw ApiFault, QueryError or FilterError for a bad request. */
export interface GraphReads {
  listIncidents(read: GraphRead): Promise<LabAnswer>;
  getIncident(read: GraphRead, id: string): LabAnswer;
  countIncidents(read: GraphRead): LabAnswer;
  /** The rest of an incident's alerts, where `$expand=alerts` gave only the first ones. */
  listAlertsOf(read: GraphRead, id: string): LabAnswer;
  listAlerts(read: GraphRead): Promise<LabAnswer>;
  getAlert(read: GraphRead, id: string): LabAnswer;
  countAlerts(read: GraphRead): LabAnswer;
}

const UNDOCUMENTED = ['$select', '$orderby', '$search'];
const INCIDENT_TOP_LIMIT = 50;

interface Place {
  readonly skip: number;
  readonly top: number;
}

export function createGraphReads(options: {
  readonly clock: LabClock;
  readonly settings: DefenderSettings;
  readonly renderer: GraphRenderer;
}): GraphReads {
  const { clock, settings, renderer } = options;

  function checkOptions(target: ReadTarget, offered: readonly string[]): void {
    refuseOtherOptions(target, offered, settings.undocumentedOptions === 'ignore' ? UNDOCUMENTED : []);
  }

  function placeOf(target: ReadTarget, topLimit: number): Place {
    const top = numberOption(target, '$top', 1);
    if (top !== undefined && top > topLimit) {
      throw new QueryError(
        `The limit of '${topLimit}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
      );
    }
    const token = target.value('$skiptoken');
    const skip =
      token === undefined
        ? (numberOption(target, '$skip', 0) ?? 0)
        : skipOfToken(token, target, settings, clock.now());
    return { skip, top: top ?? Math.min(settings.defaultPageSize, topLimit) };
  }

  function incidentSelection(target: ReadTarget): Selection<ServedIncident> {
    return selectionOf<ServedIncident>({
      filter: target.value('$filter'),
      properties: INCIDENT_FILTER,
      created: 'createdDateTime',
      updated: 'lastUpdateDateTime',
      settings,
      reader: (served) => (name) => incidentField(served, name),
      hidden: settings.redirected === 'gone' ? { name: 'redirected', test: isRedirected } : undefined,
    });
  }

  function alertSelection(target: ReadTarget): Selection<ServedAlert> {
    return selectionOf<ServedAlert>({
      filter: target.value('$filter'),
      properties: ALERT_FILTER,
      created: 'createdDateTime',
      updated: 'lastUpdateDateTime',
      settings,
      reader: (served) => (name) => alertField(served, name),
    });
  }

  function shownIncident({ tenant }: GraphRead, id: string): ServedIncident {
    const served = tenant.published.incidents('graph').get(id);
    if (served && !(settings.redirected === 'gone' && isRedirected(served))) return served;
    throw new ApiFault(404, 'NotFound', `Incident '${id}' was not found.`);
  }

  /** A page's body: annotations first, then the items as they are, then nothing that would touch their text. */
  function pageBody<T extends Listed>(
    read: GraphRead,
    page: Page<T>,
    place: Place,
    texts: readonly string[],
  ): string {
    const { request, target } = read;
    const end = place.skip + page.items.length;
    const more = end < page.total || (settings.linkAfterFullPage && page.items.length === place.top);
    const link = more
      ? nextLink({ url: request.url, target, skip: end, settings, now: clock.now() })
      : undefined;
    const head = {
      '@odata.context': `${rootOf(request)}/$metadata#${contextOf(read)}`,
      ...(readCount(target) ? { '@odata.count': page.total } : {}),
      ...(link === undefined ? {} : { '@odata.nextLink': link }),
    };
    return `${JSON.stringify(head).slice(0, -1)},"value":[${texts.join(',')}]}`;
  }

  return {
    async listIncidents(read) {
      const { target, tenant, request } = read;
      checkOptions(target, ['$filter', '$top', '$skip', '$skiptoken', '$count', '$expand']);
      const alerts = readExpand(target);
      const place = placeOf(target, INCIDENT_TOP_LIMIT);
      const selection = incidentSelection(target);
      await shiftPage(tenant, settings, { family: 'graph', collection: 'incidents', skip: place.skip });
      const page = tenant.published.incidents('graph').page(selection, place.skip, place.top);
      const view = { alerts, newMembers: wantsNewMembers(request), root: rootOf(request) };
      const texts = page.items.map((served) => renderer.incident(served, view));
      if (alerts) refuseBigExpand(settings, page.items, texts);
      return jsonAnswer(read.trace, pageBody(read, page, place, texts), preferenceApplied(request));
    },

    getIncident(read, id) {
      checkOptions(read.target, ['$expand']);
      const served = shownIncident(read, id);
      const alerts = readExpand(read.target);
      const view = { alerts, newMembers: wantsNewMembers(read.request), root: rootOf(read.request) };
      const text = renderer.incident(served, view);
      if (alerts) refuseBigExpand(settings, [served], [text]);
      const context = `${rootOf(read.request)}/$metadata#security/incidents${alerts ? '(alerts())' : ''}/$entity`;
      return jsonAnswer(read.trace, withContext(served.kind, context, text), preferenceApplied(read.request));
    },

    countIncidents(read) {
      checkOptions(read.target, ['$filter']);
      const page = read.tenant.published.incidents('graph').page(incidentSelection(read.target), 0, 0);
      return textAnswer(read.trace, String(page.total));
    },

    listAlertsOf(read, id) {
      checkOptions(read.target, ['$skip', '$skiptoken', '$top']);
      const alerts = servedAlerts(shownIncident(read, id), () => 0);
      const { skip } = placeOf(read.target, settings.alertsTopLimit);
      const top = numberOption(read.target, '$top', 1) ?? settings.expandAlertLimit;
      const items = alerts.slice(skip, skip + top);
      const view = { newMembers: wantsNewMembers(read.request) };
      const texts = items.map((alert) => renderer.alert(alert, view));
      const body = pageBody(read, { items, total: alerts.length }, { skip, top }, texts);
      return jsonAnswer(read.trace, body, preferenceApplied(read.request));
    },

    async listAlerts(read) {
      const { target, tenant, request } = read;
      checkOptions(target, ['$filter', '$top', '$skip', '$skiptoken', '$count']);
      const place = placeOf(target, settings.alertsTopLimit);
      const selection = alertSelection(target);
      await shiftPage(tenant, settings, { family: 'graph', collection: 'alerts', skip: place.skip });
      const page = tenant.published.alerts().page(selection, place.skip, place.top);
      const texts = page.items.map((served) =>
        renderer.alert(served, { newMembers: wantsNewMembers(request) }),
      );
      return jsonAnswer(read.trace, pageBody(read, page, place, texts), preferenceApplied(request));
    },

    getAlert(read, id) {
      checkOptions(read.target, []);
      const served = read.tenant.published.alerts().get(id);
      if (!served) throw new ApiFault(404, 'NotFound', `Alert '${id}' was not found.`);
      const text = renderer.alert(served, { newMembers: wantsNewMembers(read.request) });
      const context = `${rootOf(read.request)}/$metadata#security/alerts_v2/$entity`;
      return jsonAnswer(read.trace, withContext(served.kind, context, text), preferenceApplied(read.request));
    },

    countAlerts(read) {
      checkOptions(read.target, ['$filter']);
      const page = read.tenant.published.alerts().page(alertSelection(read.target), 0, 0);
      return textAnswer(read.trace, String(page.total));
    },
  };
}

/** A loaded text goes out as it came in; nothing is put into it. */
function withContext(kind: 'generated' | 'raw', context: string, text: string): string {
  return kind === 'raw' ? text : `{"@odata.context":${JSON.stringify(context)},${text.slice(1)}`;
}

function contextOf({ target }: GraphRead): string {
  const expand = target.value('$expand') === undefined ? '' : '(alerts())';
  const [, , collection, id, member] = target.segments;
  if (member !== undefined) return `security/incidents('${id}')/alerts`;
  return collection?.toLowerCase() === 'incidents' ? `security/incidents${expand}` : 'security/alerts_v2';
}

function readExpand(target: ReadTarget): boolean {
  const written = target.value('$expand');
  if (written === undefined) return false;
  if (written === 'alerts') return true;
  throw new QueryError(`Could not find a property named '${written}' to expand.`);
}

function readCount(target: ReadTarget): boolean {
  const written = target.value('$count');
  if (written === undefined || written === 'false') return false;
  if (written === 'true') return true;
  throw new QueryError(`Invalid value '${written}' for $count query option found.`);
}

const rootOf = (request: LabRequest): string => `https://${request.url.host}/v1.0`;

const wantsNewMembers = (request: LabRequest): boolean =>
  (request.headers.prefer ?? '')
    .split(',')
    .some((preference) => preference.trim().toLowerCase() === 'include-unknown-enum-members');

const preferenceApplied = (request: LabRequest): Record<string, string> =>
  wantsNewMembers(request) ? { 'preference-applied': 'include-unknown-enum-members' } : {};
