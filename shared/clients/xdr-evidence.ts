import { int32, integer, text, texts, time, type XdrFields } from './xdr-fields.ts';
import {
  defenderAvStatus,
  healthStatus,
  onboardingStatus,
  remediationStatus,
  riskScore,
  verdict,
} from './xdr-words.ts';

/** One piece of evidence in Graph's shape. */
export type GraphEvidence = Readonly<Record<string, unknown>> & { readonly '@odata.type': string };

type Evidence = (entity: XdrFields) => readonly [type: string, fields: Readonly<Record<string, unknown>>];

/** Entity types of the API, in lower case, and the evidence each becomes. */
const EVIDENCE: Readonly<Record<string, Evidence>> = {
  user: (entity) => ['userEvidence', { stream: null, userAccount: userAccount(entity) }],
  ip: ({ ipAddress }) => [
    'ipEvidence',
    { ipAddress: text(ipAddress), countryLetterCode: null, stream: null, location: null },
  ],
  url: ({ url }) => ['urlEvidence', { url: text(url) }],
  file: (entity) => [
    'fileEvidence',
    { detectionStatus: null, mdeDeviceId: text(entity.deviceId), fileDetails: fileDetails(entity) },
  ],
  process: (entity) => [
    'processEvidence',
    {
      detectionStatus: null,
      mdeDeviceId: text(entity.deviceId),
      imageFile: fileDetails(entity),
      processId: integer(entity.processId),
      processCommandLine: text(entity.processCommandLine),
      processCreationDateTime: time(entity.processCreationTime),
      parentProcessId: integer(entity.parentProcessId),
      parentProcessCreationDateTime: time(entity.parentProcessCreationTime),
      parentProcessImageFile: null,
      userAccount: hasAccount(entity) ? userAccount(entity) : null,
    },
  ],
  mailbox: (entity) => [
    'mailboxEvidence',
    {
      primaryAddress: text(entity.mailboxAddress),
      displayName: text(entity.mailboxDisplayName),
      upn: text(entity.userPrincipalName),
      userAccount: null,
    },
  ],
  mailmessage: (entity) => ['analyzedMessageEvidence', mailMessage(entity)],
  mailcluster: ({ clusterBy }) => [
    'mailClusterEvidence',
    {
      networkMessageIds: [],
      emailCount: null,
      clusterBy: text(clusterBy),
      clusterByValue: null,
      query: null,
      urn: null,
    },
  ],
  registry: (entity) => {
    const key = { registryHive: text(entity.registryHive), registryKey: text(entity.registryKey) };
    const { registryValue, registryValueType, registryValueName } = entity;
    if ([registryValue, registryValueType, registryValueName].every((value) => text(value) === null)) {
      return ['registryKeyEvidence', key];
    }
    return [
      'registryValueEvidence',
      {
        ...key,
        mdeDeviceId: text(entity.deviceId),
        registryValue: text(registryValue),
        registryValueType: text(registryValueType),
        registryValueName: text(registryValueName),
      },
    ];
  },
  securitygroup: (entity) => [
    'securityGroupEvidence',
    { displayName: text(entity.securityGroupName), securityGroupId: text(entity.securityGroupId) },
  ],
};

/** The entity as evidence; undefined for a type that the API's page does not name. */
export function evidenceOf(entity: XdrFields, seen: string): GraphEvidence | undefined {
  const kind = text(entity.entityType)?.toLowerCase() ?? '';
  if (!Object.hasOwn(EVIDENCE, kind)) return undefined;
  const made = EVIDENCE[kind]?.(entity);
  return made && { ...common(entity, made[0], seen), ...made[1] };
}

/** A device of an alert as evidence. */
export function deviceEvidence(device: XdrFields, seen: string): GraphEvidence {
  const dnsName = text(device.deviceDnsName);
  return {
    ...common(device, 'deviceEvidence', seen),
    firstSeenDateTime: time(device.firstSeen),
    mdeDeviceId: text(device.mdatpDeviceId) ?? text(device.deviceId) ?? text(device.DeviceId),
    azureAdDeviceId: text(device.aadDeviceId),
    deviceDnsName: dnsName,
    hostName: dnsName?.split('.')[0] ?? null,
    ntDomain: null,
    dnsDomain: null,
    osPlatform: text(device.osPlatform),
    osBuild: integer(device.osBuild),
    version: text(device.version),
    healthStatus: healthStatus(device.healthStatus) ?? null,
    riskScore: riskScore(device.riskScore) ?? null,
    rbacGroupId: int32(device.rbacGroupId),
    rbacGroupName: text(device.rbacGroupName),
    onboardingStatus: onboardingStatus(device.onboardingStatus) ?? null,
    defenderAvStatus: defenderAvStatus(device.defenderAvStatus) ?? 'unknown',
    lastIpAddress: null,
    lastExternalIpAddress: null,
    ipInterfaces: [],
    vmMetadata: null,
    loggedOnUsers: [],
    resourceAccessEvents: [],
  };
}

/** What all evidence has. The API says no verdict in its documents, but some answers do: `unknown` otherwise. */
function common(entity: XdrFields, type: string, seen: string): GraphEvidence {
  return {
    '@odata.type': `#microsoft.graph.security.${type}`,
    createdDateTime: time(entity.evidenceCreationTime) ?? seen,
    verdict: verdict(entity.verdict) ?? 'unknown',
    remediationStatus: remediationStatus(entity.remediationStatus) ?? 'none',
    remediationStatusDetails: null,
    roles: [],
    detailedRoles: [],
    tags: texts(entity.tags),
  };
}

function mailMessage(entity: XdrFields): Record<string, unknown> {
  const sender = emailSender(text(entity.sender));
  return {
    networkMessageId: null,
    internetMessageId: null,
    subject: text(entity.subject),
    language: null,
    senderIp: null,
    recipientEmailAddress: text(entity.recipient),
    antiSpamDirection: null,
    deliveryAction: text(entity.deliveryAction),
    deliveryLocation: null,
    urn: null,
    threats: [],
    threatDetectionMethods: [],
    urls: [],
    urlCount: null,
    attachmentsCount: null,
    receivedDateTime: null,
    // The API does not say whether its one sender is that of the envelope or of the header.
    p1Sender: sender,
    p2Sender: sender,
  };
}

function emailSender(emailAddress: string | null): Record<string, unknown> | null {
  if (emailAddress === null) return null;
  const at = emailAddress.lastIndexOf('@');
  return { emailAddress, displayName: null, domainName: at < 0 ? null : emailAddress.slice(at + 1) };
}

function fileDetails(entity: XdrFields): Record<string, unknown> {
  return {
    sha1: text(entity.sha1),
    sha256: text(entity.sha256),
    md5: null,
    sha256Ac: null,
    fileName: text(entity.fileName),
    filePath: text(entity.filePath),
    fileSize: null,
    filePublisher: null,
    signer: null,
    issuer: null,
  };
}

function hasAccount(entity: XdrFields): boolean {
  const { accountName, domainName, userSid, aadUserId, userPrincipalName } = entity;
  return [accountName, domainName, userSid, aadUserId, userPrincipalName].some(
    (value) => text(value) !== null,
  );
}

function userAccount(entity: XdrFields): Record<string, unknown> {
  return {
    accountName: text(entity.accountName),
    domainName: text(entity.domainName),
    userSid: text(entity.userSid),
    azureAdUserId: text(entity.aadUserId),
    userPrincipalName: text(entity.userPrincipalName),
    displayName: null,
    activeDirectoryObjectGuid: null,
    resourceAccessEvents: [],
  };
}
