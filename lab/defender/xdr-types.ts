/** The incident of the Defender XDR API, field for field as its page shows it (defender-xdr/api-list-incidents.md). */
export interface XdrIncident {
  readonly incidentId: number;
  readonly redirectIncidentId: number | null;
  readonly incidentName: string;
  readonly createdTime: string;
  readonly lastUpdateTime: string;
  readonly assignedTo: string | null;
  readonly classification: string;
  readonly determination: string;
  readonly status: string;
  readonly severity: string;
  readonly tags: readonly string[];
  readonly comments: readonly XdrComment[];
  readonly alerts: readonly XdrAlert[];
}

export interface XdrComment {
  readonly comment: string;
  readonly createdBy: string;
  readonly createdTime: string;
}

export interface XdrAlert {
  readonly alertId: string;
  readonly incidentId: number;
  readonly serviceSource: string;
  readonly creationTime: string;
  readonly lastUpdatedTime: string;
  readonly resolvedTime: string | null;
  readonly firstActivity: string;
  readonly lastActivity: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly status: string;
  readonly severity: string;
  readonly investigationId: number | null;
  readonly investigationState: string;
  readonly classification: string | null;
  readonly determination: string | null;
  readonly detectionSource: string;
  readonly assignedTo: string | null;
  readonly actorName: string | null;
  readonly threatFamilyName: string | null;
  readonly mitreTechniques: readonly string[];
  readonly devices: readonly XdrDevice[];
  readonly entities: readonly XdrEntity[];
}

export interface XdrDevice {
  readonly mdatpDeviceId: string;
  readonly aadDeviceId: string | null;
  readonly deviceDnsName: string;
  readonly osPlatform: string;
  readonly version: string | null;
  readonly osProcessor: string | null;
  readonly osBuild: number | null;
  readonly healthStatus: string;
  readonly riskScore: string;
  readonly rbacGroupName: string;
  readonly rbacGroupId: number;
  readonly firstSeen: string;
}

/** Every entity carries every column, null where it does not apply. */
export interface XdrEntity {
  readonly entityType: string;
  readonly sha1: string | null;
  readonly sha256: string | null;
  readonly fileName: string | null;
  readonly filePath: string | null;
  readonly processId: number | null;
  readonly processCommandLine: string | null;
  readonly processCreationTime: string | null;
  readonly parentProcessId: number | null;
  readonly parentProcessCreationTime: string | null;
  readonly ipAddress: string | null;
  readonly url: string | null;
  readonly accountName: string | null;
  readonly domainName: string | null;
  readonly userSid: string | null;
  readonly aadUserId: string | null;
  readonly userPrincipalName: string | null;
  readonly mailboxDisplayName: string | null;
  readonly mailboxAddress: string | null;
  readonly clusterBy: string | null;
  readonly sender: string | null;
  readonly recipient: string | null;
  readonly subject: string | null;
  readonly deliveryAction: string | null;
  readonly securityGroupId: string | null;
  readonly securityGroupName: string | null;
  readonly registryHive: string | null;
  readonly registryKey: string | null;
  readonly registryValueType: string | null;
  readonly registryValue: string | null;
  readonly deviceId: string | null;
}
