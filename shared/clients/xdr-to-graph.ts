import { OutriderError } from '../errors.ts';
import { isRecord } from './raw-json.ts';
import { alertWebUrl, incidentWebUrl } from './urls.ts';
import { deviceEvidence, evidenceOf } from './xdr-evidence.ts';
import { id, records, text, texts, time, type XdrFields } from './xdr-fields.ts';
import {
  alertStatus,
  classification,
  detectionSource,
  determination,
  incidentStatus,
  investigationState,
  serviceSource,
  severity,
} from './xdr-words.ts';

/** Where an incident belongs; the XDR API names neither. */
export interface XdrPlace {
  readonly tenantId: string;
  /** Origin of the cloud's Defender portal. */
  readonly portal: string;
  /** The incident's id as text where it is known exactly, beyond 2^53 too. */
  readonly id?: string | undefined;
}

/** An incident in the shape of Microsoft Graph v1.0, alerts and evidence included. */
export type GraphShape = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * An incident of the Defender XDR API in the shape of Microsoft Graph v1.0, for readers; what is stored stays as it
 * was received. Devices and entities become evidence. What the API does not say is null, or `unknown` where the
 * schema wants a word; nothing is guessed. Entities of a type that its page does not name are kept as they are
 * in the alert's `additionalData.unmappedEntities`.
 *
 * @throws OutriderError `upstream.unusable_answer` if it is no incident.
 */
export function xdrToGraph(incident: unknown, { tenantId, portal, id: exactId }: XdrPlace): GraphShape {
  const incidentId = exactId ?? (isRecord(incident) ? id(incident.incidentId) : null);
  if (!isRecord(incident) || incidentId === null) {
    throw new OutriderError(
      'upstream.unusable_answer',
      `What is kept for tenant ${tenantId} is not an incident of the Defender XDR API.`,
      { tenant: tenantId },
    );
  }
  const webUrl = text(incident.incidentUri) ?? incidentWebUrl(portal, tenantId, incidentId);
  return {
    id: incidentId,
    tenantId,
    status: incidentStatus(incident.status) ?? 'unknownFutureValue',
    incidentWebUrl: webUrl,
    redirectIncidentId: id(incident.redirectIncidentId),
    displayName: text(incident.incidentName),
    ...given('createdDateTime', time(incident.createdTime)),
    ...given('lastUpdateDateTime', time(incident.lastUpdateTime)),
    assignedTo: text(incident.assignedTo),
    classification: classification(incident.classification) ?? null,
    determination: determination(incident.determination) ?? null,
    severity: severity(incident.severity) ?? 'unknown',
    customTags: texts(incident.tags),
    systemTags: [],
    description: null,
    lastModifiedBy: null,
    resolvingComment: null,
    summary: text(incident.summary),
    priorityScore: null,
    comments: records(incident.comments).map(comment),
    alerts: records(incident.alerts).map((alert) =>
      graphAlert(alert, { tenantId, portal, incidentId, incidentWebUrl: webUrl }),
    ),
  };
}

function graphAlert(
  alert: XdrFields,
  place: {
    readonly tenantId: string;
    readonly portal: string;
    readonly incidentId: string;
    readonly incidentWebUrl: string;
  },
): Record<string, unknown> {
  const alertId = id(alert.alertId) ?? '';
  const created = time(alert.creationTime);
  // Evidence must have a time; where the alert has none of its own, nothing better than the epoch is known.
  const seen = created ?? time(alert.firstActivity) ?? '1970-01-01T00:00:00Z';
  const evidence = records(alert.devices).map((device) => deviceEvidence(device, seen));
  const unmapped: XdrFields[] = [];
  for (const entity of records(alert.entities)) {
    const mapped = evidenceOf(entity, seen);
    if (mapped) evidence.push(mapped);
    else unmapped.push(entity);
  }
  return {
    id: alertId,
    providerAlertId: text(alert.providerAlertId) ?? alertId,
    incidentId: id(alert.incidentId) ?? place.incidentId,
    status: alertStatus(alert.status) ?? 'unknown',
    severity: severity(alert.severity) ?? 'unknown',
    classification: classification(alert.classification) ?? null,
    determination: determination(alert.determination) ?? null,
    serviceSource: serviceSource(alert.serviceSource) ?? 'unknown',
    detectionSource: detectionSource(alert.detectionSource) ?? null,
    productName: null,
    detectorId: text(alert.detectorId),
    tenantId: place.tenantId,
    title: text(alert.title),
    description: text(alert.description),
    recommendedActions: null,
    category: text(alert.category),
    assignedTo: text(alert.assignedTo),
    alertWebUrl: alertWebUrl(place.portal, place.tenantId, alertId),
    incidentWebUrl: place.incidentWebUrl,
    actorDisplayName: text(alert.actorName),
    threatDisplayName: null,
    threatFamilyName: text(alert.threatFamilyName),
    mitreTechniques: texts(alert.mitreTechniques),
    createdDateTime: created,
    lastUpdateDateTime: time(alert.lastUpdatedTime),
    resolvedDateTime: time(alert.resolvedTime),
    firstActivityDateTime: time(alert.firstActivity),
    lastActivityDateTime: time(alert.lastActivity),
    systemTags: [],
    alertPolicyId: text(alert.alertPolicyId),
    investigationState: investigationState(alert.investigationState) ?? null,
    comments: records(alert.comments).map(comment),
    customDetails: {},
    evidence,
    additionalData: unmapped.length === 0 ? {} : { unmappedEntities: unmapped },
  };
}

function comment(said: XdrFields): Record<string, unknown> {
  return {
    comment: text(said.comment),
    createdByDisplayName: text(said.createdBy),
    ...given('createdDateTime', time(said.createdTime)),
  };
}

/** For members that may be missing but not null. */
function given(key: string, value: string | null): Record<string, string> {
  return value === null ? {} : { [key]: value };
}
