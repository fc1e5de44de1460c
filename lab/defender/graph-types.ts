/**
 * The parts of microsoft.graph.security that the lab generates; names, nullability and members as in the
 * published metadata (test/contract/graph-security.openapi.yaml). Times are texts with seven digits, UTC.
 */
export type Severity = 'unknown' | 'informational' | 'low' | 'medium' | 'high';
export type IncidentStatus = 'active' | 'inProgress' | 'resolved' | 'redirected' | 'awaitingAction';
export type AlertStatus = 'new' | 'inProgress' | 'resolved';
export type Classification = 'unknown' | 'falsePositive' | 'truePositive' | 'informationalExpectedActivity';

export interface GraphComment {
  readonly '@odata.type': '#microsoft.graph.security.alertComment';
  readonly comment: string;
  readonly createdByDisplayName: string;
  readonly createdDateTime: string;
}

export interface GraphIncident {
  readonly id: string;
  readonly tenantId: string;
  readonly status: IncidentStatus;
  readonly incidentWebUrl: string;
  readonly redirectIncidentId: string | null;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly lastUpdateDateTime: string;
  readonly assignedTo: string | null;
  readonly classification: Classification;
  readonly determination: string;
  readonly severity: Severity;
  readonly customTags: readonly string[];
  readonly systemTags: readonly string[];
  readonly description: string | null;
  readonly lastModifiedBy: string | null;
  readonly resolvingComment: string | null;
  readonly summary: string | null;
  readonly priorityScore: number | null;
  readonly comments: readonly GraphComment[];
  readonly alerts: readonly GraphAlert[];
}

export interface GraphAlert {
  readonly id: string;
  readonly providerAlertId: string;
  readonly incidentId: string;
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly classification: Classification | null;
  readonly determination: string | null;
  readonly serviceSource: string;
  readonly detectionSource: string;
  readonly productName: string;
  readonly detectorId: string;
  readonly tenantId: string;
  readonly title: string;
  readonly description: string;
  readonly recommendedActions: string | null;
  readonly category: string;
  readonly assignedTo: string | null;
  readonly alertWebUrl: string;
  readonly incidentWebUrl: string;
  readonly actorDisplayName: string | null;
  readonly threatDisplayName: string | null;
  readonly threatFamilyName: string | null;
  readonly mitreTechniques: readonly string[];
  readonly createdDateTime: string;
  readonly lastUpdateDateTime: string;
  readonly resolvedDateTime: string | null;
  readonly firstActivityDateTime: string;
  readonly lastActivityDateTime: string;
  readonly systemTags: readonly string[];
  readonly alertPolicyId: string | null;
  readonly investigationState: string;
  readonly comments: readonly GraphComment[];
  readonly customDetails: Readonly<Record<string, string>>;
  readonly additionalData: Readonly<Record<string, unknown>>;
  readonly evidence: readonly GraphEvidence[];
}

interface EvidenceBase {
  readonly createdDateTime: string;
  readonly verdict: string;
  readonly remediationStatus: string;
  readonly remediationStatusDetails: string | null;
  readonly roles: readonly string[];
  readonly detailedRoles: readonly string[];
  readonly tags: readonly string[];
}

export interface UserAccount {
  readonly accountName: string | null;
  readonly domainName: string | null;
  readonly userSid: string | null;
  readonly azureAdUserId: string | null;
  readonly userPrincipalName: string | null;
  readonly displayName: string | null;
}

export interface FileDetails {
  readonly sha1: string | null;
  readonly sha256: string | null;
  readonly md5: string | null;
  readonly sha256Ac: string | null;
  readonly fileName: string | null;
  readonly filePath: string | null;
  readonly fileSize: number | null;
  readonly filePublisher: string | null;
  readonly signer: string | null;
  readonly issuer: string | null;
}

export interface DeviceFields {
  readonly firstSeenDateTime: string;
  readonly mdeDeviceId: string;
  readonly azureAdDeviceId: string | null;
  readonly deviceDnsName: string;
  readonly hostName: string;
  readonly ntDomain: string | null;
  readonly dnsDomain: string | null;
  readonly osPlatform: string;
  readonly osBuild: number | null;
  readonly version: string | null;
  readonly healthStatus: string;
  readonly riskScore: string;
  readonly rbacGroupId: number;
  readonly rbacGroupName: string;
  readonly onboardingStatus: string;
  readonly defenderAvStatus: string;
  readonly lastIpAddress: string;
  readonly lastExternalIpAddress: string;
  readonly ipInterfaces: readonly string[];
  readonly vmMetadata: {
    readonly vmId: string;
    readonly cloudProvider: string;
    readonly resourceId: string;
    readonly subscriptionId: string;
  } | null;
  readonly loggedOnUsers: readonly { readonly accountName: string; readonly domainName: string }[];
}

interface Sender {
  readonly emailAddress: string;
  readonly displayName: string | null;
  readonly domainName: string;
}

type Evidence<Name extends string, Fields> = EvidenceBase & {
  readonly '@odata.type': `#microsoft.graph.security.${Name}Evidence`;
} & Fields;

export type DeviceEvidence = Evidence<'device', DeviceFields>;
export type UserEvidence = Evidence<'user', { readonly userAccount: UserAccount; readonly stream: null }>;
export type IpEvidence = Evidence<
  'ip',
  {
    readonly ipAddress: string;
    readonly countryLetterCode: string | null;
    readonly stream: null;
    readonly location: {
      readonly countryName: string;
      readonly state: string | null;
      readonly city: string;
      readonly longitude: number;
      readonly latitude: number;
    } | null;
  }
>;
export type FileEvidence = Evidence<
  'file',
  { readonly detectionStatus: string; readonly mdeDeviceId: string | null; readonly fileDetails: FileDetails }
>;
export type ProcessEvidence = Evidence<
  'process',
  {
    readonly processId: number;
    readonly parentProcessId: number;
    readonly processCommandLine: string;
    readonly processCreationDateTime: string;
    readonly parentProcessCreationDateTime: string;
    readonly detectionStatus: string;
    readonly mdeDeviceId: string;
    readonly imageFile: FileDetails;
    readonly parentProcessImageFile: FileDetails | null;
    readonly userAccount: UserAccount;
  }
>;
export type UrlEvidence = Evidence<'url', { readonly url: string }>;
export type MailboxEvidence = Evidence<
  'mailbox',
  {
    readonly primaryAddress: string;
    readonly displayName: string;
    readonly upn: string;
    readonly userAccount: UserAccount;
  }
>;
export type MailMessageEvidence = Evidence<
  'analyzedMessage',
  {
    readonly networkMessageId: string;
    readonly internetMessageId: string;
    readonly subject: string;
    readonly language: string;
    readonly senderIp: string;
    readonly recipientEmailAddress: string;
    readonly antiSpamDirection: string;
    readonly deliveryAction: string;
    readonly deliveryLocation: string;
    readonly urn: string;
    readonly threats: readonly string[];
    readonly threatDetectionMethods: readonly string[];
    readonly urls: readonly string[];
    readonly urlCount: number;
    readonly attachmentsCount: number;
    readonly receivedDateTime: string;
    readonly p1Sender: Sender;
    readonly p2Sender: Sender;
  }
>;
export type MailClusterEvidence = Evidence<
  'mailCluster',
  {
    readonly clusterBy: string;
    readonly clusterByValue: string;
    readonly emailCount: number;
    readonly networkMessageIds: readonly string[];
    readonly query: string;
    readonly urn: string;
  }
>;
export type RegistryValueEvidence = Evidence<
  'registryValue',
  {
    readonly mdeDeviceId: string;
    readonly registryHive: string;
    readonly registryKey: string;
    readonly registryValue: string;
    readonly registryValueName: string;
    readonly registryValueType: string;
  }
>;
export type SecurityGroupEvidence = Evidence<
  'securityGroup',
  { readonly displayName: string; readonly securityGroupId: string }
>;
export type CloudApplicationEvidence = Evidence<
  'cloudApplication',
  {
    readonly appId: number;
    readonly displayName: string;
    readonly instanceId: number;
    readonly instanceName: string;
    readonly saasAppId: number | null;
    readonly stream: null;
  }
>;

export type GraphEvidence =
  | DeviceEvidence
  | UserEvidence
  | IpEvidence
  | FileEvidence
  | ProcessEvidence
  | UrlEvidence
  | MailboxEvidence
  | MailMessageEvidence
  | MailClusterEvidence
  | RegistryValueEvidence
  | SecurityGroupEvidence
  | CloudApplicationEvidence;
