import type { ApiFamily } from '../tenant.ts';
import type { ReceivedIncident } from './ports.ts';
import type { StoredIncident, StoredVersion } from './read-incident.ts';
import type { IncidentRecord } from './records.ts';

/** How an incident is shown: in Microsoft Graph's shape, or exactly as the service sent it. */
export type IncidentShape = 'graph' | 'source';

/** Maps an incident of the Defender XDR API to Graph's shape; supplied by the clients. */
export type ToGraph = (text: string, tenantId: string) => object;

/** What Outrider adds to an incident in Graph's shape, under `_outrider`. */
export interface OutriderFacts {
  readonly version: string;
  readonly family: ApiFamily;
  /** Service time of the read that brought this version. */
  readonly observedAt: string;
  /** The alerts could not be read yet. */
  readonly alertsMissing: boolean;
  /** The alerts come from the list of alerts, since the service could not give the incident with them. */
  readonly alertsJoined?: true;
  /** Service time since which the service no longer lists the incident. */
  readonly notSeenSince?: string;
  /** The incident that this one lives on in, after all redirects. */
  readonly redirectedTo?: string;
}

/**
 * The JSON text of a stored incident. As `source` nothing is added; in Graph's shape `_outrider` is put in front of
 * the closing brace, so that the service's own text, number spelling included, stays as it is.
 */
export function incidentText(
  { record, text, redirectedTo }: StoredIncident,
  tenantId: string,
  shape: IncidentShape,
  toGraph: ToGraph,
): string {
  if (shape === 'source') return text;
  const graphText = record.family === 'graph' ? text : JSON.stringify(toGraph(text, tenantId));
  return withFacts(graphText, factsOf(record, redirectedTo));
}

/** What Outrider adds to an incident that it has read or changed just now, and not stored. */
export interface LiveFacts {
  readonly family: ApiFamily;
  readonly live: true;
  /** In whose name the service was asked. */
  readonly actedAs: 'app' | 'user';
}

/** The JSON text of an incident as it has just come from the service, in the same shapes. */
export function liveIncidentText(
  { family, text }: ReceivedIncident,
  {
    tenant,
    shape,
    actAs,
  }: { readonly tenant: string; readonly shape: IncidentShape; readonly actAs: LiveFacts['actedAs'] },
  toGraph: ToGraph,
): string {
  if (shape === 'source') return text;
  const graphText = family === 'graph' ? text : JSON.stringify(toGraph(text, tenant));
  return withFacts(graphText, { family, live: true, actedAs: actAs });
}

function withFacts(graphText: string, added: OutriderFacts | LiveFacts): string {
  const facts = JSON.stringify(added);
  const end = graphText.lastIndexOf('}');
  const isEmpty = /^\s*\{\s*$/.test(graphText.slice(0, end));
  return `${graphText.slice(0, end)}${isEmpty ? '' : ','}"_outrider":${facts}}`;
}

function factsOf(record: IncidentRecord, redirectedTo: string | undefined): OutriderFacts {
  return {
    version: record.version,
    family: record.family,
    observedAt: record.observedAt,
    alertsMissing: record.alerts < 0,
    ...(record.alertsJoined ? { alertsJoined: true } : {}),
    ...(record.notSeenSince === undefined ? {} : { notSeenSince: record.notSeenSince }),
    ...(redirectedTo === undefined ? {} : { redirectedTo }),
  };
}

/** One line of a listing: Graph's property names, without alerts. */
export function incidentSummary(record: IncidentRecord, tenantId: string): object {
  return {
    id: record.id,
    tenantId,
    displayName: record.title,
    status: record.status,
    severity: record.severity,
    classification: record.classification ?? null,
    determination: record.determination ?? null,
    assignedTo: record.assignedTo ?? null,
    createdDateTime: record.created,
    lastUpdateDateTime: record.lastUpdate,
    incidentWebUrl: record.webUrl ?? null,
    redirectIncidentId: record.redirectTo ?? null,
    alertCount: record.alerts < 0 ? null : record.alerts,
    _outrider: factsOf(record, undefined),
  };
}

/** One line of an incident's history. */
export function versionSummary(version: StoredVersion): object {
  return {
    version: version.version,
    lastUpdateDateTime: version.lastUpdate,
    observedAt: version.observedAt,
    status: version.status,
    severity: version.severity,
    assignedTo: version.assignedTo ?? null,
    alertCount: version.alerts < 0 ? null : version.alerts,
    family: version.family,
    superseded: version.superseded,
  };
}
