/**
 * The words of the Defender XDR API in Microsoft Graph's. Most are the same in another letter case; the rest is
 * listed. What Graph has no word for becomes `unknownFutureValue`, Graph's own name for such.
 *
 * Sources: https://learn.microsoft.com/defender-xdr/api-list-incidents and api-incident (XDR), the enums of
 * microsoft.graph.security in the Graph v1.0 metadata.
 */
type Words = (value: unknown) => string | undefined;

/** Empty, missing or not a text gives undefined. */
function words(members: string, others: Readonly<Record<string, string>> = {}): Words {
  const known = new Map([
    ...members.split(/\s+/).map((member) => [member.toLowerCase(), member] as const),
    ...Object.entries(others).map(([word, member]) => [word.toLowerCase(), member] as const),
  ]);
  return (value) => {
    if (typeof value !== 'string' || value === '') return undefined;
    return known.get(value.toLowerCase()) ?? 'unknownFutureValue';
  };
}

export const incidentStatus = words('active inProgress resolved redirected awaitingAction');

export const alertStatus = words('unknown new inProgress resolved');

export const severity = words('unknown informational low medium high', { UnSpecified: 'unknown' });

export const classification = words('unknown falsePositive truePositive informationalExpectedActivity');

/** The API's read page and write page differ in their words; both are taken. */
export const determination = words(
  `unknown apt malware securityPersonnel securityTesting unwantedSoftware other multiStagedAttack
  compromisedAccount phishing maliciousUserActivity notMalicious notEnoughDataToValidate confirmedActivity
  lineOfBusinessApplication`,
  {
    NotAvailable: 'unknown',
    CompromisedUser: 'compromisedAccount',
    Clean: 'notMalicious',
    InsufficientData: 'notEnoughDataToValidate',
    NoEnoughDataToValidate: 'notEnoughDataToValidate',
    ConfirmedUserActivity: 'confirmedActivity',
  },
);

export const serviceSource = words(
  `unknown microsoftDefenderForEndpoint microsoftDefenderForIdentity microsoftDefenderForCloudApps
  microsoftDefenderForOffice365 microsoft365Defender azureAdIdentityProtection microsoftAppGovernance
  dataLossPrevention microsoftDefenderForCloud microsoftSentinel microsoftInsiderRiskManagement
  microsoftThreatIntelligence microsoftSecurityForAI`,
  {
    MicrosoftDefenderATP: 'microsoftDefenderForEndpoint',
    AzureATP: 'microsoftDefenderForIdentity',
    MicrosoftCloudAppSecurity: 'microsoftDefenderForCloudApps',
    OfficeATP: 'microsoftDefenderForOffice365',
    MicrosoftThreatProtection: 'microsoft365Defender',
    AadIdentityProtection: 'azureAdIdentityProtection',
    AppGovernance: 'microsoftAppGovernance',
    MicrosoftDataLossPrevention: 'dataLossPrevention',
  },
);

export const detectionSource = words(
  `unknown microsoftDefenderForEndpoint antivirus smartScreen customTi microsoftDefenderForOffice365
  automatedInvestigation microsoftThreatExperts customDetection microsoftDefenderForIdentity cloudAppSecurity
  microsoft365Defender azureAdIdentityProtection manual microsoftDataLossPrevention appGovernancePolicy
  appGovernanceDetection microsoftDefenderForCloud microsoftDefenderForIoT microsoftDefenderForServers
  microsoftDefenderForStorage microsoftDefenderForDNS microsoftDefenderForDatabases
  microsoftDefenderForContainers microsoftDefenderForNetwork microsoftDefenderForAppService
  microsoftDefenderForKeyVault microsoftDefenderForResourceManager microsoftDefenderForApiManagement nrtAlerts
  scheduledAlerts microsoftDefenderThreatIntelligenceAnalytics builtInMl microsoftInsiderRiskManagement
  microsoftThreatIntelligence microsoftDefenderForAIServices securityCopilot microsoftSentinel`,
  {
    WindowsDefenderAtp: 'microsoftDefenderForEndpoint',
    WindowsDefenderAv: 'antivirus',
    WindowsDefenderSmartScreen: 'smartScreen',
    CustomerTI: 'customTi',
    OfficeATP: 'microsoftDefenderForOffice365',
    MTP: 'microsoft365Defender',
    AzureATP: 'microsoftDefenderForIdentity',
    MCAS: 'cloudAppSecurity',
    AadIdentityProtection: 'azureAdIdentityProtection',
    'AAD Identity Protection': 'azureAdIdentityProtection',
  },
);

export const investigationState = words(
  `unknown terminated successfullyRemediated benign failed partiallyRemediated running pendingApproval
  pendingResource queued innerFailure preexistingAlert unsupportedOs unsupportedAlertType suppressedAlert
  partiallyInvestigated terminatedByUser terminatedBySystem`,
);

export const healthStatus = words(
  'active inactive impairedCommunication noSensorData noSensorDataImpairedCommunication unknown',
);

export const riskScore = words('none informational low medium high');

export const onboardingStatus = words('insufficientInfo onboarded canBeOnboarded unsupported');

export const defenderAvStatus = words('notReporting disabled notUpdated updated unknown notSupported');

export const verdict = words('unknown suspicious malicious noThreatsFound');

export const remediationStatus = words(
  `none remediated prevented blocked notFound active pendingApproval declined unremediated running
  partiallyRemediated`,
);
