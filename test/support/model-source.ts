import { OutriderError } from '../../shared/errors.ts';
import type {
  IncidentSource,
  Page,
  ReceivedAlert,
  ReceivedIncident,
  Window,
} from '../../shared/incidents/ports.ts';
import type { ApiFamily } from '../../shared/tenant.ts';
import { type PaddedTime, paddedFromMs } from '../../shared/time.ts';

/** An incident of the model's live list. */
export interface ModelIncident {
  id: string;
  lastUpdate: PaddedTime;
  created: PaddedTime;
  status: string;
  severity: string;
  title: string;
  assignedTo?: string | undefined;
  redirectTo?: string | undefined;
  tags?: readonly string[] | undefined;
  alerts: { id: string; lastUpdate: PaddedTime; title: string }[];
}

/** A model of a tenant's live list behind the port of the sync; a page is cut from the list as it is at that moment. */
export interface ModelSource extends IncidentSource {
  readonly incidents: Map<string, ModelIncident>;
  /** Kept from readers until then (service time in ms): indexed late. */
  readonly hiddenUntil: Map<string, number>;
  readonly calls: { list: number; get: number; alerts: number };
  /** Called before each answer: changes the list, or throws what the service would fail with. */
  before: (call: 'list' | 'get' | 'alerts', query: object) => void;
  upsert(incident: Partial<ModelIncident> & { id: string }): ModelIncident;
}

/** What is not documented of the real lists, as settings. */
export interface ModelSettings {
  readonly now: () => number;
  readonly maxTop?: number;
  readonly family?: ApiFamily;
  /** By which date the list of incidents has its newest first. Default by last update. */
  readonly order?: 'lastUpdate' | 'created';
  /** Largest page of alerts, whatever is asked for. */
  readonly alertsTop?: number;
  /** How an incident is answered. Default {@link received}. */
  readonly answer?: (incident: ModelIncident, withAlerts: boolean) => ReceivedIncident;
}

export function createModelSource({
  now,
  maxTop = 50,
  family = 'graph',
  order = 'lastUpdate',
  alertsTop = Number.POSITIVE_INFINITY,
  answer = received,
}: ModelSettings): ModelSource {
  const incidents = new Map<string, ModelIncident>();
  const hiddenUntil = new Map<string, number>();
  const calls = { list: 0, get: 0, alerts: 0 };
  // The Date header has whole seconds.
  const serviceTime = (): PaddedTime => paddedFromMs(Math.floor(now() / 1000) * 1000);
  const visible = (): ModelIncident[] =>
    [...incidents.values()].filter(({ id }) => (hiddenUntil.get(id) ?? 0) <= now());

  async function* pagesOf<
    Source extends { id: string; lastUpdate: PaddedTime },
    Item extends { readonly text: string },
  >(
    list: () => Source[],
    top: number,
    read: (source: Source) => Item,
    note: () => void,
    rank: (source: Source) => PaddedTime,
  ): AsyncGenerator<Page<Item>> {
    for (let skip = 0; ; skip += top) {
      note();
      const found = list().sort((a, b) => compare(rank(b), rank(a)) || compare(a.id, b.id));
      const items = found.slice(skip, skip + top).map(read);
      const hasMore = found.length > skip + top;
      const bytes = items.reduce((sum, { text }) => sum + text.length, 0);
      yield { items, serviceTime: serviceTime(), hasMore, bytes };
      if (!hasMore) return;
    }
  }

  const source: ModelSource = {
    family,
    maxTop,
    incidents,
    hiddenUntil,
    calls,
    before: () => {},
    upsert(change) {
      const time = paddedFromMs(now());
      const old = incidents.get(change.id);
      const next = {
        created: time,
        status: 'active',
        severity: 'medium',
        title: `Incident ${change.id}`,
        alerts: [],
        ...old,
        lastUpdate: time,
        ...change,
      };
      incidents.set(change.id, next);
      return next;
    },
    incidentPages({ window, top, withAlerts, onCall }) {
      return pagesOf(
        () => visible().filter(isInside(window)),
        top,
        (incident) => answer(incident, withAlerts),
        () => {
          calls.list++;
          onCall?.();
          source.before('list', { window, top, withAlerts });
        },
        (incident) => incident[order],
      );
    },
    async incident({ id, withAlerts = true, onCall }) {
      calls.get++;
      onCall?.();
      source.before('get', { id, withAlerts });
      const found = incidents.get(id);
      return { incident: found && answer(found, withAlerts), serviceTime: serviceTime() };
    },
    alertPages({ window, top, onCall }) {
      const alerts = () =>
        visible().flatMap(({ id: incidentId, alerts: own }) =>
          own.filter(isInside(window)).map((alert) => ({ ...alert, incidentId })),
        );
      const read = (alert: ReturnType<typeof alerts>[number]): ReceivedAlert => ({
        ...alert,
        text: JSON.stringify(alert),
      });
      const note = (): void => {
        calls.alerts++;
        onCall?.();
        source.before('alerts', { window, top });
      };
      return pagesOf(alerts, Math.min(top, alertsTop), read, note, (alert) => alert.lastUpdate);
    },
  };
  return source;
}

function isInside({ from, to }: Window): (item: { readonly lastUpdate: PaddedTime }) => boolean {
  return ({ lastUpdate }) => lastUpdate >= from && (to === undefined || lastUpdate < to);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What the API would answer for an incident of the model. */
export function received(incident: ModelIncident, withAlerts = true): ReceivedIncident {
  const { alerts, ...rest } = incident;
  return {
    id: incident.id,
    family: 'graph',
    text: JSON.stringify(withAlerts ? { ...rest, alerts } : rest),
    lastUpdate: incident.lastUpdate,
    created: incident.created,
    status: incident.status,
    severity: incident.severity,
    title: incident.title,
    assignedTo: incident.assignedTo,
    classification: undefined,
    determination: undefined,
    webUrl: undefined,
    redirectTo: incident.redirectTo,
    alertCount: withAlerts ? alerts.length : undefined,
  };
}

/** The error that the transport gives for a 5xx that outlives its retries. */
export function serviceDown(): OutriderError {
  return new OutriderError('upstream.unavailable', 'The service failed with 503.', { status: 503 });
}
