import type { GraphEvidence, UserAccount } from '../graph-types.ts';
import type { Random } from '../random.ts';
import { formatTime } from '../times.ts';
import type { EvidenceKind } from './scenarios.ts';
import type { World } from './world.ts';

/** Who and what an incident is about; its alerts share them. */
export interface Cast {
  readonly users: readonly UserAccount[];
  readonly devices: World['devices'];
  readonly programs: World['programs'];
}

// A tenant may have a million pieces of evidence: what many have in common exists once.
const NONE: readonly string[] = [];
const PRIMARY_DEVICE = ['PrimaryDevice'];
const ROLES: readonly (readonly string[])[] = [
  NONE,
  ['attacked'],
  ['compromised', 'attacked'],
  ['contextual'],
  ['suspicious', 'contextual'],
];
const TAGS = [['Tier 0'], ['VIP', 'Finance'], ['Finance']];
const HOSTS = ['login-check.example', 'cdn-updates.example', 'files-share.example', 'paste-bin.example'];
const PLACES = [
  ['NL', 'Netherlands', 'Noord-Holland', 'Amsterdam', 4.9, 52.37],
  ['BR', 'Brazil', 'Sao Paulo', 'Sao Paulo', -46.63, -23.55],
  ['SG', 'Singapore', null, 'Singapore', 103.85, 1.29],
  ['RO', 'Romania', 'Bucuresti', 'Bucharest', 26.1, 44.43],
] as const;
const SUBJECTS = [
  'Your mailbox is almost full',
  'Invoice 7741 overdue',
  'Shared document: Q3 plan',
  'Voice message (0:42)',
];

/**
 * Makes one piece of evidence of a kind.
 * @param at milliseconds since 1970: when it was seen
 * @param raised the same as a time text
 */
export function createEvidence(
  random: Random,
  kind: EvidenceKind,
  cast: Cast,
  at: number,
  raised: string,
): GraphEvidence {
  const user = random.pick(cast.users);
  const device = random.pick(cast.devices);
  const seen = (agoMs: number): string => formatTime(at - agoMs, random.int(0, 9_999));
  const base = {
    createdDateTime: raised,
    verdict: random.pick(['suspicious', 'suspicious', 'malicious', 'unknown', 'noThreatsFound']),
    remediationStatus: random.pick([
      'none',
      'active',
      'remediated',
      'prevented',
      'pendingApproval',
      'notFound',
    ]),
    remediationStatusDetails: null,
    roles: random.pick(ROLES),
    detailedRoles: kind === 'device' ? PRIMARY_DEVICE : NONE,
    tags: random.chance(0.2) ? random.pick(TAGS) : NONE,
  };
  switch (kind) {
    case 'device':
      return { '@odata.type': '#microsoft.graph.security.deviceEvidence', ...base, ...device };
    case 'user':
      return {
        '@odata.type': '#microsoft.graph.security.userEvidence',
        ...base,
        userAccount: user,
        stream: null,
      };
    case 'ip':
      return { '@odata.type': '#microsoft.graph.security.ipEvidence', ...base, ...address(random) };
    case 'url':
      return { '@odata.type': '#microsoft.graph.security.urlEvidence', ...base, url: badUrl(random) };
    case 'file':
      return {
        '@odata.type': '#microsoft.graph.security.fileEvidence',
        ...base,
        detectionStatus: random.pick(['detected', 'blocked', 'prevented']),
        mdeDeviceId: device.mdeDeviceId,
        fileDetails: random.pick(cast.programs).file,
      };
    case 'process': {
      const { file, commandLine } = random.pick(cast.programs);
      return {
        '@odata.type': '#microsoft.graph.security.processEvidence',
        ...base,
        processId: random.int(1_000, 60_000),
        parentProcessId: random.int(500, 20_000),
        processCommandLine: commandLine,
        processCreationDateTime: seen(random.int(1_000, 200_000)),
        parentProcessCreationDateTime: seen(random.int(200_000, 9_000_000)),
        detectionStatus: 'detected',
        mdeDeviceId: device.mdeDeviceId,
        imageFile: file,
        parentProcessImageFile: random.chance(0.6) ? random.pick(cast.programs).file : null,
        userAccount: user,
      };
    }
    case 'mailbox':
      return {
        '@odata.type': '#microsoft.graph.security.mailboxEvidence',
        ...base,
        primaryAddress: user.userPrincipalName ?? '',
        displayName: user.displayName ?? '',
        upn: user.userPrincipalName ?? '',
        userAccount: user,
      };
    case 'mailMessage':
      return {
        '@odata.type': '#microsoft.graph.security.analyzedMessageEvidence',
        ...base,
        ...message(random, user, seen(60_000)),
      };
    case 'mailCluster':
      return {
        '@odata.type': '#microsoft.graph.security.mailClusterEvidence',
        ...base,
        clusterBy: random.pick([
          'Subject;P2SenderDomain;ContentType',
          'BodyFingerprintBin1;SenderIp;ContentType',
        ]),
        clusterByValue: `${random.pick(SUBJECTS)};${random.pick(HOSTS)};1`,
        emailCount: random.int(1, 400),
        networkMessageIds: Array.from({ length: random.int(1, 3) }, () => random.uuid()),
        query: '( ContentType: 1 )',
        urn: `urn:MailClusterEntity:${random.hex(32)}`,
      };
    case 'registry':
      return {
        '@odata.type': '#microsoft.graph.security.registryValueEvidence',
        ...base,
        mdeDeviceId: device.mdeDeviceId,
        registryHive: 'HKEY_LOCAL_MACHINE',
        registryKey: 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run',
        registryValue: 'C:\\ProgramData\\upd.exe',
        registryValueName: 'Updater',
        registryValueType: 'String',
      };
    case 'securityGroup':
      return {
        '@odata.type': '#microsoft.graph.security.securityGroupEvidence',
        ...base,
        displayName: random.pick(['Domain Admins', 'Backup Operators', 'Key Admins']),
        securityGroupId: random.uuid(),
      };
    case 'cloudApp':
      return {
        '@odata.type': '#microsoft.graph.security.cloudApplicationEvidence',
        ...base,
        ...random.pick([
          { appId: 20893, displayName: 'Microsoft Exchange Online' },
          { appId: 20892, displayName: 'Microsoft SharePoint Online' },
        ]),
        instanceId: 0,
        instanceName: 'Microsoft 365',
        saasAppId: null,
        stream: null,
      };
  }
}

function address(random: Random) {
  const [countryLetterCode, countryName, state, city, longitude, latitude] = random.pick(PLACES);
  const located = random.chance(0.7);
  return {
    ipAddress: `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.int(1, 254)}`,
    countryLetterCode: located ? countryLetterCode : null,
    stream: null,
    location: located ? { countryName, state, city, longitude, latitude } : null,
  };
}

const badUrl = (random: Random): string =>
  `https://${random.pick(HOSTS)}/${random.hex(10)}?id=${random.int(1, 9_999)}`;

function message(random: Random, to: UserAccount, receivedDateTime: string) {
  const domainName = random.pick(HOSTS);
  const sender = { emailAddress: `billing@${domainName}`, displayName: 'Billing', domainName };
  const networkMessageId = random.uuid();
  const url = badUrl(random);
  return {
    networkMessageId,
    internetMessageId: `<${random.hex(20)}@${domainName}>`,
    subject: random.pick(SUBJECTS),
    language: 'en',
    senderIp: `198.51.100.${random.int(1, 254)}`,
    recipientEmailAddress: to.userPrincipalName ?? '',
    antiSpamDirection: 'Inbound',
    deliveryAction: random.pick(['Delivered', 'DeliveredAsSpam', 'Blocked']),
    deliveryLocation: random.pick(['Inbox/folder', 'JunkFolder', 'Quarantine']),
    urn: `urn:MailEntity:${networkMessageId}`,
    threats: random.chance(0.7) ? ['Phish'] : [],
    threatDetectionMethods: ['URL malicious reputation'],
    urls: [url],
    urlCount: 1,
    attachmentsCount: random.int(0, 2),
    receivedDateTime,
    p1Sender: sender,
    p2Sender: sender,
  };
}
