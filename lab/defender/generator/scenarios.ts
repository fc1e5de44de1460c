import type { Severity } from '../graph-types.ts';

/** Kinds of evidence an alert can carry. */
export type EvidenceKind =
  | 'device'
  | 'user'
  | 'ip'
  | 'file'
  | 'process'
  | 'url'
  | 'mailbox'
  | 'mailMessage'
  | 'mailCluster'
  | 'registry'
  | 'securityGroup'
  | 'cloudApp';

export interface AlertTemplate {
  readonly title: string;
  readonly description: string;
  /** As Defender writes it: `InitialAccess`. */
  readonly category: string;
  readonly techniques: readonly string[];
  readonly service: string;
  readonly detection: string;
  readonly severity: Severity;
  readonly evidence: readonly EvidenceKind[];
  readonly family?: string;
}

/** Alerts that belong together, in the order in which they happen. */
export interface Scenario {
  readonly name: string;
  readonly stages: readonly AlertTemplate[];
  /** How a true positive of this kind is judged. */
  readonly determination: string;
}

const ENDPOINT = {
  service: 'microsoftDefenderForEndpoint',
  detection: 'microsoftDefenderForEndpoint',
} as const;
const ANTIVIRUS = { service: 'microsoftDefenderForEndpoint', detection: 'antivirus' } as const;
const MAIL = {
  service: 'microsoftDefenderForOffice365',
  detection: 'microsoftDefenderForOffice365',
} as const;
const IDENTITY = {
  service: 'microsoftDefenderForIdentity',
  detection: 'microsoftDefenderForIdentity',
} as const;
const SIGN_IN = { service: 'azureAdIdentityProtection', detection: 'azureAdIdentityProtection' } as const;
const CLOUD_APPS = { service: 'microsoftDefenderForCloudApps', detection: 'cloudAppSecurity' } as const;
const SENTINEL = { service: 'microsoftSentinel', detection: 'scheduledAlerts' } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'phishing',
    determination: 'phishing',
    stages: [
      {
        ...MAIL,
        title: 'Email messages containing a malicious URL removed after delivery',
        description:
          'Messages with a link that was later found to be malicious were delivered and then taken out of mailboxes.',
        category: 'InitialAccess',
        techniques: ['T1566.002'],
        severity: 'informational',
        evidence: ['mailMessage', 'mailbox', 'mailCluster', 'url', 'ip'],
      },
      {
        ...MAIL,
        title: 'A potentially malicious URL click was detected',
        description: 'Someone opened a link that points to a known credential collection page.',
        category: 'InitialAccess',
        techniques: ['T1566', 'T1204.001'],
        severity: 'high',
        evidence: ['user', 'url', 'mailMessage'],
      },
      {
        ...SIGN_IN,
        title: 'Sign-in with an anonymised address',
        description:
          'The account signed in through a proxy that hides its origin, minutes after the link was opened.',
        category: 'InitialAccess',
        techniques: ['T1078.004', 'T1090.003'],
        severity: 'medium',
        evidence: ['user', 'ip'],
      },
      {
        ...CLOUD_APPS,
        title: 'Suspicious inbox forwarding rule',
        description: 'A rule was made that sends incoming mail to an address outside the organisation.',
        category: 'Collection',
        techniques: ['T1114.003', 'T1564.008'],
        severity: 'high',
        evidence: ['user', 'ip', 'cloudApp', 'mailbox'],
      },
    ],
  },
  {
    name: 'ransomware',
    determination: 'multiStagedAttack',
    stages: [
      {
        ...ENDPOINT,
        title: 'Suspicious PowerShell command line',
        description: 'PowerShell ran an encoded command that downloads and starts content from the internet.',
        category: 'Execution',
        techniques: ['T1059.001', 'T1105'],
        severity: 'medium',
        evidence: ['device', 'process', 'process', 'user', 'url', 'ip'],
      },
      {
        ...ENDPOINT,
        title: 'Possible attempt to read LSASS memory',
        description:
          'A process opened the memory of the local security authority in a way that credential theft tools do.',
        category: 'CredentialAccess',
        techniques: ['T1003.001'],
        severity: 'high',
        evidence: ['device', 'process', 'file', 'user'],
      },
      {
        ...ENDPOINT,
        title: 'File backups were deleted',
        description: 'Volume shadow copies were removed, which often comes right before files are encrypted.',
        category: 'Impact',
        techniques: ['T1490'],
        severity: 'medium',
        evidence: ['device', 'process', 'user'],
      },
      {
        ...ENDPOINT,
        title: 'Ransomware behaviour detected in the file system',
        description: 'Many files were rewritten under a new extension within a short time.',
        category: 'Impact',
        techniques: ['T1486'],
        severity: 'high',
        evidence: ['device', 'process', 'file', 'file', 'user'],
        family: 'LabLocker',
      },
    ],
  },
  {
    name: 'commodity malware',
    determination: 'malware',
    stages: [
      {
        ...ANTIVIRUS,
        title: "'Emotet' malware was prevented",
        description: 'Antivirus stopped a file of a known family before it could run.',
        category: 'Malware',
        techniques: [],
        severity: 'informational',
        evidence: ['device', 'file', 'user'],
        family: 'Emotet',
      },
      {
        ...ENDPOINT,
        title: 'Suspicious scheduled task',
        description:
          'A task was registered that starts a program from a folder of temporary files at every sign-in.',
        category: 'Persistence',
        techniques: ['T1053.005'],
        severity: 'medium',
        evidence: ['device', 'process', 'registry', 'user'],
      },
      {
        ...ENDPOINT,
        title: 'Connection to a suspected command and control server',
        description: 'A process keeps calling a host that malware of this kind is known to report to.',
        category: 'CommandAndControl',
        techniques: ['T1071.001', 'T1573'],
        severity: 'high',
        evidence: ['device', 'process', 'ip', 'url'],
      },
    ],
  },
  {
    name: 'account attack',
    determination: 'compromisedAccount',
    stages: [
      {
        ...SIGN_IN,
        title: 'Password spray',
        description: 'Many accounts were tried with few passwords from one network.',
        category: 'CredentialAccess',
        techniques: ['T1110.003'],
        severity: 'high',
        evidence: ['user', 'user', 'ip'],
      },
      {
        ...SIGN_IN,
        title: 'Atypical travel',
        description: 'Two sign-ins from places that nobody can travel between in the time that passed.',
        category: 'InitialAccess',
        techniques: ['T1078'],
        severity: 'medium',
        evidence: ['user', 'ip', 'ip'],
      },
      {
        ...IDENTITY,
        title: 'Suspicious additions to sensitive groups',
        description:
          'An account was put into a group with high privileges by somebody who does not usually do that.',
        category: 'Persistence',
        techniques: ['T1098'],
        severity: 'medium',
        evidence: ['user', 'securityGroup', 'device'],
      },
      {
        ...IDENTITY,
        title: 'Suspected DCSync attack (replication of directory services)',
        description: 'A machine that is no domain controller asked for the replication of secrets.',
        category: 'CredentialAccess',
        techniques: ['T1003.006'],
        severity: 'high',
        evidence: ['user', 'device', 'device', 'ip'],
      },
    ],
  },
  {
    name: 'data theft',
    determination: 'maliciousUserActivity',
    stages: [
      {
        ...CLOUD_APPS,
        title: 'Mass download by a single user',
        description: 'Far more files than usual were downloaded from a shared site.',
        category: 'Exfiltration',
        techniques: ['T1530', 'T1567.002'],
        severity: 'medium',
        evidence: ['user', 'ip', 'cloudApp'],
      },
      {
        ...SENTINEL,
        title: 'Upload to an unusual destination',
        description: 'A scheduled query found transfers to a file sharing service that is not in use here.',
        category: 'Exfiltration',
        techniques: ['T1048'],
        severity: 'medium',
        evidence: ['user', 'device', 'ip', 'url'],
      },
    ],
  },
  {
    name: 'living off the land',
    determination: 'multiStagedAttack',
    stages: [
      {
        ...ENDPOINT,
        title: 'Suspicious sequence of exploration activities',
        description: 'A row of commands that list accounts, shares and sessions ran within minutes.',
        category: 'Discovery',
        techniques: ['T1087', 'T1135', 'T1049'],
        severity: 'low',
        evidence: ['device', 'process', 'process', 'process', 'user'],
      },
      {
        ...ENDPOINT,
        title: 'Suspicious service registration',
        description: 'A service was registered whose program lies in a folder that users can write to.',
        category: 'Persistence',
        techniques: ['T1543.003'],
        severity: 'medium',
        evidence: ['device', 'process', 'registry', 'file'],
      },
      {
        ...IDENTITY,
        title: 'Remote code execution attempt',
        description: 'A command was sent to a domain controller over a management protocol.',
        category: 'LateralMovement',
        techniques: ['T1021.006', 'T1047'],
        severity: 'medium',
        evidence: ['device', 'device', 'user'],
      },
    ],
  },
];
