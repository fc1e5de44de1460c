import type { GraphAlert, GraphIncident } from './graph-types.ts';
import type { AlertInit, IncidentInit } from './tenant.ts';

const PRODUCTS: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'Microsoft Defender for Endpoint',
  microsoftDefenderForIdentity: 'Microsoft Defender for Identity',
  microsoftDefenderForCloudApps: 'Microsoft Defender for Cloud Apps',
  microsoftDefenderForOffice365: 'Microsoft Defender for Office 365',
  microsoft365Defender: 'Microsoft Defender XDR',
  azureAdIdentityProtection: 'Microsoft Entra ID Protection',
  microsoftSentinel: 'Microsoft Sentinel',
};

/** Where a new record belongs and what it gets where its maker says nothing. */
export interface Birth {
  readonly tenantId: string;
  readonly incidentId: string;
  /** Now, as `formatTime` gives it. */
  readonly time: string;
}

/** A whole incident from what is given; without `createdDateTime` it is made now. */
export function completeIncident(init: IncidentInit, birth: Birth): Omit<GraphIncident, 'alerts'> {
  const { alerts: _alerts, ...given } = init;
  const created = given.createdDateTime ?? birth.time;
  return {
    id: birth.incidentId,
    tenantId: birth.tenantId,
    status: 'active',
    incidentWebUrl: incidentUrl(birth),
    redirectIncidentId: null,
    displayName: `Incident ${birth.incidentId}`,
    createdDateTime: created,
    lastUpdateDateTime: created,
    assignedTo: null,
    classification: 'unknown',
    determination: 'unknown',
    severity: 'medium',
    customTags: [],
    systemTags: [],
    description: null,
    lastModifiedBy: null,
    resolvingComment: null,
    summary: null,
    priorityScore: null,
    comments: [],
    ...withoutId(given),
  };
}

/** A whole alert from what is given. @param newId an id for an alert that has none */
export function completeAlert(init: AlertInit, birth: Birth, newId: () => string): GraphAlert {
  const id = init.id ?? newId();
  const created = init.createdDateTime ?? birth.time;
  const source = init.serviceSource ?? 'microsoftDefenderForEndpoint';
  return {
    id,
    providerAlertId: id.replace(/^[a-z]{2}/, ''),
    status: 'new',
    severity: 'medium',
    classification: null,
    determination: null,
    serviceSource: source,
    detectionSource: 'microsoftDefenderForEndpoint',
    productName: PRODUCTS[source] ?? 'Microsoft Defender XDR',
    detectorId: '6c1a6e3a-6c9f-4a55-8f0e-3f7f6a0f1d10',
    tenantId: birth.tenantId,
    title: 'Suspicious activity',
    description: 'Activity that deserves a look was seen.',
    recommendedActions: null,
    category: 'SuspiciousActivity',
    assignedTo: null,
    alertWebUrl: `https://security.microsoft.com/alerts/${id}?tid=${birth.tenantId}`,
    actorDisplayName: null,
    threatDisplayName: null,
    threatFamilyName: null,
    mitreTechniques: [],
    createdDateTime: created,
    lastUpdateDateTime: created,
    resolvedDateTime: null,
    firstActivityDateTime: created,
    lastActivityDateTime: created,
    systemTags: [],
    alertPolicyId: null,
    investigationState: 'unsupportedAlertType',
    comments: [],
    customDetails: {},
    additionalData: {},
    evidence: [],
    ...withoutId(init),
    incidentId: birth.incidentId,
    incidentWebUrl: incidentUrl(birth),
  };
}

// An absent id must not undo the one that was chosen, and the id stays the first property.
function withoutId<T extends { readonly id?: string }>(init: T): Omit<T, 'id'> {
  const { id: _id, ...rest } = init;
  return rest;
}

export const incidentUrl = (of: Pick<Birth, 'tenantId' | 'incidentId'>): string =>
  `https://security.microsoft.com/incident2/${of.incidentId}/overview?tid=${of.tenantId}`;
