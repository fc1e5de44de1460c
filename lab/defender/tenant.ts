import type { LabClock } from '../service.ts';
import type { Classification, GraphAlert, GraphComment, GraphIncident } from './graph-types.ts';
import { createPublished, type Published } from './published.ts';
import type { Random } from './random.ts';
import { type Family, type RawIncident, readRawIncident } from './raw-incident.ts';
import { generatedVersion, rawVersion } from './served.ts';
import { isRedirected } from './served-fields.ts';
import type { DefenderSettings } from './settings.ts';
import { completeAlert, completeIncident, incidentUrl } from './tenant-defaults.ts';
import { formatTime, laterThan, timeMs } from './times.ts';

/** What a new incident has; the rest gets plain values. Without `id` it gets the tenant's next number. */
export type IncidentInit = Partial<Omit<GraphIncident, 'tenantId' | 'alerts'>> & {
  readonly alerts?: readonly AlertInit[];
};

export type AlertInit = Partial<Omit<GraphAlert, 'incidentId' | 'tenantId' | 'incidentWebUrl'>>;

/** Fields to change. Without `lastUpdateDateTime` the change is made now, and later than the one before. */
export type IncidentPatch = Partial<Omit<GraphIncident, 'id' | 'tenantId' | 'alerts'>>;
export type AlertPatch = Partial<Omit<GraphAlert, 'id' | 'tenantId' | 'incidentId' | 'incidentWebUrl'>>;

export interface Resolution {
  readonly classification: Classification;
  readonly determination: string;
  readonly comment?: string;
  /** Who; default `API-App:lab`. An incident that nobody has becomes theirs. */
  readonly by?: string;
  /** When, as `formatTime` gives it; default now. */
  readonly at?: string;
}

/** One tenant's Defender data and everything that can happen to it. Times come from the lab's clock. */
export interface TenantOperations {
  readonly id: string;
  createIncident(init?: IncidentInit): GraphIncident;
  updateIncident(id: string, patch: IncidentPatch): GraphIncident;
  addComment(id: string, comment: string, by: string): GraphIncident;
  /** Resolves an incident and its alerts. */
  resolve(id: string, resolution: Resolution): GraphIncident;
  /** Moves the alerts of `sourceId` into `targetId`; the source becomes `redirected`. Gives the target. */
  merge(sourceId: string, targetId: string): GraphIncident;
  addAlert(incidentId: string, init?: AlertInit): GraphAlert;
  addAlerts(incidentId: string, inits: readonly AlertInit[]): readonly GraphAlert[];
  updateAlert(alertId: string, patch: AlertPatch): GraphAlert;
  /** Deletes an incident, generated or loaded, with its alerts: at once, without a trace. */
  remove(id: string): void;
  /**
   * An incident that is only shown `afterMs` from now on, though its times are earlier (`createdDateTime` and
   * `lastUpdateDateTime` of `init`; now where absent).
   */
  appearLate(init: IncidentInit, afterMs: number): GraphIncident;
  /** Serves this JSON text untouched in its family's API. @throws NotAnIncident */
  loadRaw(incident: { readonly family: Family; readonly text: string }): RawIncident;
  /** The truth: generated incidents as they are, shown yet or not, in the order of their making. */
  list(): readonly GraphIncident[];
  get(id: string): GraphIncident | undefined;
  /** Ids of all that an API lists at this moment, loaded incidents included, newest first. */
  listedIds(family: Family): string[];
  /** What the APIs show at this moment. */
  readonly published: Published;
}

const BOTH: readonly Family[] = ['graph', 'xdr'];

export function createTenant(options: {
  readonly id: string;
  readonly clock: LabClock;
  readonly settings: DefenderSettings;
  readonly random: Random;
}): TenantOperations {
  const { id: tenantId, clock, settings, random } = options;
  const incidents = new Map<string, GraphIncident>();
  const incidentOfAlert = new Map<string, string>();
  const published = createPublished({ clock });
  let lastNumber = random.int(100, 9_000);

  const time = (): string => formatTime(clock.now(), random.int(0, 9_999));
  const alertId = (): string => `da${random.uuid()}_1`;

  function known(id: string): GraphIncident {
    const incident = incidents.get(id);
    if (!incident) throw new Error(`tenant ${tenantId} has no generated incident ${id}`);
    return incident;
  }

  function put(incident: GraphIncident, visibleAt: number): GraphIncident {
    incidents.set(incident.id, incident);
    published.show(BOTH, generatedVersion(incident), visibleAt);
    return incident;
  }

  /** When a change shows: history that is made up afterwards was indexed long ago. */
  const indexedAt = (changedAt: string): number =>
    Math.min(timeMs(changedAt), clock.now()) + settings.indexingDelayMs;

  function change(incident: GraphIncident, patch: Partial<GraphIncident>): GraphIncident {
    const lastUpdateDateTime = patch.lastUpdateDateTime ?? laterThan(incident.lastUpdateDateTime, time());
    return put({ ...incident, ...patch, lastUpdateDateTime }, indexedAt(lastUpdateDateTime));
  }

  /** A change of alerts alone, which moves the incident's time only where the settings say so. */
  function changeAlerts(incident: GraphIncident, alerts: readonly GraphAlert[]): void {
    if (settings.alertChangesMoveIncident) change(incident, { alerts });
    else put({ ...incident, alerts }, indexedAt(time()));
  }

  function make(init: IncidentInit): GraphIncident {
    const incidentId = init.id ?? nextId();
    if (incidents.has(incidentId))
      throw new Error(`tenant ${tenantId} has an incident ${incidentId} already`);
    const birth = { tenantId, incidentId, time: time() };
    const incident = completeIncident(init, birth);
    const alerts = (init.alerts ?? []).map((alert) =>
      completeAlert({ createdDateTime: incident.createdDateTime, ...alert }, birth, alertId),
    );
    for (const alert of alerts) incidentOfAlert.set(alert.id, incidentId);
    return { ...incident, alerts };
  }

  function nextId(): string {
    do lastNumber += random.int(1, 3);
    while (incidents.has(String(lastNumber)));
    return String(lastNumber);
  }

  function addAlerts(incidentId: string, inits: readonly AlertInit[]): readonly GraphAlert[] {
    const incident = known(incidentId);
    const added = inits.map((init) => completeAlert(init, { tenantId, incidentId, time: time() }, alertId));
    for (const alert of added) incidentOfAlert.set(alert.id, incidentId);
    changeAlerts(incident, [...incident.alerts, ...added]);
    return added;
  }

  function updateAlert(id: string, patch: AlertPatch): GraphAlert {
    const incident = known(incidentOfAlert.get(id) ?? `of alert ${id}`);
    const old = incident.alerts.find((alert) => alert.id === id);
    if (!old) throw new Error(`incident ${incident.id} has no alert ${id}`);
    const lastUpdateDateTime = patch.lastUpdateDateTime ?? laterThan(old.lastUpdateDateTime, time());
    const changed: GraphAlert = { ...old, ...patch, lastUpdateDateTime };
    changeAlerts(
      incident,
      incident.alerts.map((alert) => (alert === old ? changed : alert)),
    );
    return changed;
  }

  function resolve(id: string, resolution: Resolution): GraphIncident {
    const incident = known(id);
    const { classification, determination, comment = null, by = 'API-App:lab', at } = resolution;
    const now = at ?? time();
    const alerts = incident.alerts.map(
      (alert): GraphAlert => ({
        ...alert,
        status: 'resolved',
        classification,
        determination,
        resolvedDateTime: now,
        lastUpdateDateTime: laterThan(alert.lastUpdateDateTime, now),
      }),
    );
    return change(incident, {
      status: 'resolved',
      classification,
      determination,
      resolvingComment: comment,
      assignedTo: incident.assignedTo ?? by,
      lastModifiedBy: by,
      lastUpdateDateTime: at === undefined ? laterThan(incident.lastUpdateDateTime, now) : at,
      alerts,
    });
  }

  function merge(sourceId: string, targetId: string): GraphIncident {
    if (sourceId === targetId) throw new Error(`incident ${sourceId} cannot be merged into itself`);
    const source = known(sourceId);
    const target = known(targetId);
    const moved = source.alerts.map(
      (alert): GraphAlert => ({
        ...alert,
        incidentId: targetId,
        incidentWebUrl: incidentUrl({ tenantId, incidentId: targetId }),
        lastUpdateDateTime: laterThan(alert.lastUpdateDateTime, time()),
      }),
    );
    for (const alert of moved) incidentOfAlert.set(alert.id, targetId);
    const merged = change(target, { alerts: [...target.alerts, ...moved] });
    change(source, { status: 'redirected', redirectIncidentId: targetId, alerts: [] });
    return merged;
  }

  function addComment(id: string, comment: string, by: string): GraphIncident {
    const incident = known(id);
    const added: GraphComment = {
      '@odata.type': '#microsoft.graph.security.alertComment',
      comment,
      createdByDisplayName: by,
      createdDateTime: time(),
    };
    return change(incident, { comments: [...incident.comments, added], lastModifiedBy: by });
  }

  return {
    id: tenantId,
    published,
    createIncident(init = {}) {
      const incident = make(init);
      return put(incident, indexedAt(incident.lastUpdateDateTime));
    },
    updateIncident: (id, patch) => change(known(id), patch),
    addComment,
    resolve,
    merge,
    addAlerts,
    addAlert(incidentId, init = {}) {
      const [added] = addAlerts(incidentId, [init]);
      if (!added) throw new Error(`no alert was added to incident ${incidentId}`);
      return added;
    },
    updateAlert,
    remove(id) {
      for (const alert of incidents.get(id)?.alerts ?? []) incidentOfAlert.delete(alert.id);
      incidents.delete(id);
      published.withdraw(BOTH, id);
    },
    appearLate: (init, afterMs) => put(make(init), clock.now() + afterMs),
    loadRaw({ family, text }) {
      const raw = readRawIncident(family, text);
      published.show([family], rawVersion(raw), clock.now());
      return raw;
    },
    list: () => [...incidents.values()],
    get: (id) => incidents.get(id),
    listedIds(family) {
      const orderBy = settings.orderBy === 'createdDateTime' ? 'created' : 'updated';
      const { items } = published.incidents(family).page({ orderBy }, 0, Number.POSITIVE_INFINITY);
      return items
        .filter((served) => settings.redirected === 'listed' || !isRedirected(served))
        .map(({ id }) => id);
    },
  };
}
