import type { DeviceFields, FileDetails, UserAccount } from '../graph-types.ts';
import type { Random } from '../random.ts';
import { formatTime } from '../times.ts';

/** The people and machines of an invented organisation; the same ones turn up in incident after incident. */
export interface World {
  readonly domain: string;
  readonly users: readonly UserAccount[];
  readonly devices: readonly DeviceFields[];
  readonly programs: readonly Program[];
  /** Sign-in names of the security team. */
  readonly analysts: readonly string[];
}

/** A file that runs, and how it is called. */
export interface Program {
  readonly file: FileDetails;
  readonly commandLine: string;
}

const COMPANIES = [
  'contoso',
  'fabrikam',
  'northwind',
  'adatum',
  'tailspin',
  'woodgrove',
  'litware',
  'proseware',
];
const FIRST_NAMES = [
  'Ada',
  'Bela',
  'Chidi',
  'Dana',
  'Emre',
  'Farah',
  'Goran',
  'Hanna',
  'Ivo',
  'Jun',
  'Kaya',
  'Liam',
  'Mara',
  'Noor',
  'Olga',
  'Pia',
  'Quin',
  'Rosa',
  'Sven',
  'Tariq',
];
const LAST_NAMES = [
  'Abe',
  'Berg',
  'Costa',
  'Duarte',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Haddad',
  'Ito',
  'Jansen',
  'Kovac',
  'Lopez',
  'Meyer',
  'Novak',
  'Okafor',
  'Petrov',
  'Rossi',
  'Silva',
  'Tanaka',
  'Weber',
];

const PROGRAMS = [
  [
    'powershell.exe',
    'C:\\Windows\\System32\\WindowsPowerShell\\v1.0',
    '"powershell.exe" -NoProfile -EncodedCommand SQBFAFgA',
    'Microsoft Corporation',
  ],
  [
    'cmd.exe',
    'C:\\Windows\\System32',
    '"cmd.exe" /c net group "Domain Admins" /domain',
    'Microsoft Corporation',
  ],
  [
    'rundll32.exe',
    'C:\\Windows\\System32',
    'rundll32.exe C:\\ProgramData\\upd.dll,Start',
    'Microsoft Corporation',
  ],
  ['vssadmin.exe', 'C:\\Windows\\System32', 'vssadmin delete shadows /all /quiet', 'Microsoft Corporation'],
  [
    'invoice_7741.exe',
    'C:\\Users\\Public\\Downloads',
    '"C:\\Users\\Public\\Downloads\\invoice_7741.exe"',
    null,
  ],
] as const;

/** Platform, build, version, whether it is a server. */
const SYSTEMS = [
  ['Windows11', 26200, '25H2', 'ws'],
  ['Windows11', 26100, '24H2', 'ws'],
  ['Windows10', 19045, '22H2', 'ws'],
  ['WindowsServer2022', 20348, '21H2', 'srv'],
  ['WindowsServer2025', 26100, '24H2', 'srv'],
  ['Linux', null, '9.4', 'lnx'],
  ['macOS', null, '15.1', 'mac'],
] as const;

/** @param now milliseconds since 1970: devices were first seen before it */
export function createWorld(random: Random, now: number): World {
  const company = random.pick(COMPANIES);
  const domain = `${company}.example`;
  const users = Array.from({ length: 40 }, (_, place) => createUser(random, company, domain, place));
  const devices = Array.from({ length: 60 }, (_, place) =>
    createDevice(random, company, domain, users, place, now),
  );
  const analysts = users.slice(0, 4).map((user) => user.userPrincipalName ?? `soc@${domain}`);
  const programs = Array.from({ length: 200 }, () => createProgram(random));
  return { domain, users, devices, programs, analysts };
}

function createUser(random: Random, company: string, domain: string, place: number): UserAccount {
  const first = FIRST_NAMES[place % FIRST_NAMES.length] ?? 'Ada';
  const last = random.pick(LAST_NAMES);
  const accountName = `${first.charAt(0)}${last}${place}`.toLowerCase();
  return {
    accountName,
    domainName: company.toUpperCase(),
    userSid: `S-1-5-21-${random.int(1e8, 4e9)}-${random.int(1e8, 4e9)}-${random.int(1e8, 4e9)}-${1100 + place}`,
    azureAdUserId: random.uuid(),
    userPrincipalName: `${accountName}@${domain}`,
    displayName: `${first} ${last}`,
  };
}

function createDevice(
  random: Random,
  company: string,
  domain: string,
  users: readonly UserAccount[],
  place: number,
  now: number,
): DeviceFields {
  const [osPlatform, osBuild, version, kind] = random.pick(SYSTEMS);
  const hostName = `${company.slice(0, 3)}-${kind}-${String(place + 1).padStart(3, '0')}`;
  const user = random.pick(users);
  const address = `10.${random.int(0, 40)}.${random.int(0, 255)}.${random.int(2, 254)}`;
  const isCloud = kind === 'srv' && random.chance(0.5);
  return {
    firstSeenDateTime: formatTime(now - random.int(30, 900) * 86_400_000, random.int(0, 9_999)),
    mdeDeviceId: random.hex(40),
    azureAdDeviceId: random.chance(0.7) ? random.uuid() : null,
    deviceDnsName: `${hostName}.${domain}`,
    hostName,
    ntDomain: company.toUpperCase(),
    dnsDomain: domain,
    osPlatform,
    osBuild,
    version,
    healthStatus: random.pick(['active', 'active', 'active', 'inactive', 'impairedCommunication']),
    riskScore: random.pick(['none', 'informational', 'low', 'medium', 'high']),
    rbacGroupId: kind === 'ws' ? 11 : 12,
    rbacGroupName: kind === 'ws' ? 'Clients' : 'Servers',
    onboardingStatus: 'onboarded',
    defenderAvStatus: random.pick(['updated', 'updated', 'notUpdated', 'unknown']),
    lastIpAddress: address,
    lastExternalIpAddress: `203.0.113.${random.int(1, 254)}`,
    ipInterfaces: [address, '127.0.0.1', '::1'],
    vmMetadata: isCloud ? virtualMachine(random, hostName) : null,
    loggedOnUsers:
      kind === 'ws' ? [{ accountName: user.accountName ?? '', domainName: user.domainName ?? '' }] : [],
  };
}

function virtualMachine(random: Random, hostName: string): NonNullable<DeviceFields['vmMetadata']> {
  const subscriptionId = random.uuid();
  return {
    vmId: random.uuid(),
    cloudProvider: 'azure',
    resourceId: `/subscriptions/${subscriptionId}/resourceGroups/servers/providers/Microsoft.Compute/virtualMachines/${hostName}`,
    subscriptionId,
  };
}

function createProgram(random: Random): Program {
  const [fileName, filePath, commandLine, filePublisher] = random.pick(PROGRAMS);
  const file = {
    sha1: random.hex(40),
    sha256: random.hex(64),
    md5: random.chance(0.3) ? random.hex(32) : null,
    sha256Ac: null,
    fileName,
    filePath,
    fileSize: random.int(8_000, 9_000_000),
    filePublisher,
    signer: null,
    issuer: null,
  };
  return { file, commandLine };
}
