import type { FilterProperties } from './filter.ts';

/**
 * Members that were added after `unknownFutureValue`; without `Prefer: include-unknown-enum-members` they are
 * sent as that (https://learn.microsoft.com/graph/best-practices-concept). By the property that holds them.
 */
export const EVOLVABLE: Readonly<Record<string, ReadonlySet<string>>> = {
  status: new Set(['awaitingAction']),
  serviceSource: new Set([
    'microsoftDefenderForCloud',
    'microsoftSentinel',
    'microsoftInsiderRiskManagement',
    'microsoftThreatIntelligence',
    'microsoftSecurityForAI',
  ]),
  detectionSource: new Set([
    'microsoftDefenderForCloud',
    'microsoftDefenderForIoT',
    'microsoftDefenderForServers',
    'microsoftDefenderForStorage',
    'microsoftDefenderForDNS',
    'microsoftDefenderForDatabases',
    'microsoftDefenderForContainers',
    'microsoftDefenderForNetwork',
    'microsoftDefenderForAppService',
    'microsoftDefenderForKeyVault',
    'microsoftDefenderForResourceManager',
    'microsoftDefenderForApiManagement',
    'nrtAlerts',
    'scheduledAlerts',
    'microsoftDefenderThreatIntelligenceAnalytics',
    'builtInMl',
    'microsoftInsiderRiskManagement',
    'microsoftThreatIntelligence',
    'microsoftDefenderForAIServices',
    'securityCopilot',
    'microsoftSentinel',
  ]),
  remediationStatus: new Set([
    'active',
    'pendingApproval',
    'declined',
    'unremediated',
    'running',
    'partiallyRemediated',
  ]),
};

const CLASSIFICATION = [
  'unknown',
  'falsePositive',
  'truePositive',
  'informationalExpectedActivity',
  'unknownFutureValue',
];

const DETERMINATION = [
  'unknown',
  'apt',
  'malware',
  'securityPersonnel',
  'securityTesting',
  'unwantedSoftware',
  'other',
  'multiStagedAttack',
  'compromisedAccount',
  'phishing',
  'maliciousUserActivity',
  'notMalicious',
  'notEnoughDataToValidate',
  'confirmedActivity',
  'lineOfBusinessApplication',
  'unknownFutureValue',
];

const SEVERITY = ['unknown', 'informational', 'low', 'medium', 'high', 'unknownFutureValue'];

const SERVICE_SOURCE = [
  'unknown',
  'microsoftDefenderForEndpoint',
  'microsoftDefenderForIdentity',
  'microsoftDefenderForCloudApps',
  'microsoftDefenderForOffice365',
  'microsoft365Defender',
  'azureAdIdentityProtection',
  'microsoftAppGovernance',
  'dataLossPrevention',
  'unknownFutureValue',
  'microsoftDefenderForCloud',
  'microsoftSentinel',
  'microsoftInsiderRiskManagement',
  'microsoftThreatIntelligence',
  'microsoftSecurityForAI',
];

const SHARED = {
  assignedTo: 'text',
  classification: CLASSIFICATION,
  createdDateTime: 'time',
  determination: DETERMINATION,
  lastUpdateDateTime: 'time',
  severity: SEVERITY,
} as const;

/** What `$filter` is documented to work on for incidents (security-list-incidents). */
export const INCIDENT_FILTER: FilterProperties = {
  ...SHARED,
  status: ['active', 'resolved', 'inProgress', 'redirected', 'unknownFutureValue', 'awaitingAction'],
};

/** What `$filter` is documented to work on for alerts (security-list-alerts_v2). */
export const ALERT_FILTER: FilterProperties = {
  ...SHARED,
  status: ['unknown', 'new', 'inProgress', 'resolved', 'unknownFutureValue'],
  serviceSource: SERVICE_SOURCE,
};
