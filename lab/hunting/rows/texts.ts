import { draw, hex, uuid } from './chance.ts';
import type { Machine, Person, ProgramCells, Scene } from './scene.ts';

/** A row's cell as JSON, from what the row is about and what only it has. */
export type Cell = (entity: number, event: number, serial: number) => string;

const HOSTS = ['login-check.example', 'cdn-updates.example', 'files-share.example', 'paste-bin.example'];
const WORDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /^ActionType$/,
    ['ProcessCreated', 'LogonSuccess', 'ConnectionSuccess', 'FileCreated', 'MailItemsAccessed'],
  ],
  [/Severity$/, ['High', 'Medium', 'Low', 'Informational']],
  [/Subject$/, ['Invoice 7741 overdue', 'Your mailbox is almost full', 'Shared document: Q3 plan']],
  [
    /^(Title|AlertTitle)$/,
    ['Suspicious PowerShell command line', 'Unfamiliar sign-in', 'Malware was blocked'],
  ],
  [/Categor(y|ies)$/, ['Execution', 'InitialAccess', 'CredentialAccess', 'Persistence']],
  [/AttackTechniques$/, ['["T1059.001"]', '["T1078"]', '["T1566.002"]']],
  [/RegistryKey$/, ['HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run']],
  [/RegistryValueName$/, ['Updater', 'OneDriveSetup']],
  [/RegistryValueData$/, ['C:\\ProgramData\\upd.exe', '1']],
  [/^(Country|CountryCode)$/, ['NL', 'BR', 'SG', 'RO']],
  [/^City$/, ['Amsterdam', 'Sao Paulo', 'Singapore', 'Bucharest']],
  [/^Isp$/i, ['Example Telecom', 'Contoso Carrier']],
  [/UserAgent$/, ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 'python-requests/2.32']],
  [/^(Application|ApplicationName|AppName)$/, ['Microsoft Exchange Online', 'Office 365', 'Azure Portal']],
  [/^ServiceSource$/, ['Microsoft Defender for Endpoint', 'Microsoft Defender for Office 365']],
  [/^DeliveryAction$/, ['Delivered', 'Blocked', 'Junked']],
  [/^(EmailDirection)$/, ['Inbound', 'Outbound', 'Intra-org']],
  [/ThreatTypes$/, ['Phish', 'Malware', '']],
  [/^LogonType$/, ['Interactive', 'RemoteInteractive', 'Network']],
  [/Protocol$/, ['Tcp', 'Udp', 'Https']],
  [/(^|Process)AdditionalFields$/, ['{"IsLocal":true}', '{"Reason":"\\"quoted\\" – not ASCII"}', '']],
];

/** Strings by the name of their column. The first rule that fits decides. */
export function textCell(name: string, scene: Scene): Cell {
  const person = (part: keyof Person) => byEntity(scene.people, 1, part);
  const machine = (part: keyof Machine) => byEntity(scene.machines, 2, part);
  const program = (part: keyof ProgramCells) => byEntity(scene.programs, 3, part);
  const rules: readonly (readonly [RegExp, Cell])[] = [
    [/(Aad|AzureAD|EntraId)DeviceId$/, machine('aadId')],
    [/DeviceId$/, machine('id')],
    [/(Device|Host|Computer)Name$/, machine('name')],
    [/^OSPlatform$/, machine('platform')],
    [/^OSVersion$/, machine('version')],
    [/^Local(IP|IPAddress)$/, machine('address')],
    [/(Upn|UserPrincipalName|RecipientEmailAddress|EmailAddress)$/, person('upn')],
    [/Account(Name)?$|^Account$/, person('name')],
    [/AccountDomain$/, person('domain')],
    [/Sid$/, person('sid')],
    [/ObjectId$/, person('objectId')],
    [/(User|Account|Recipient|Actor)DisplayName$/, person('display')],
    [/(SenderFromAddress|SenderMailFromAddress)$/, (entity) => `"billing@${pick(HOSTS, entity, 4)}"`],
    [/(IP|IPAddress|IPv4|IpAddress)$/, (entity) => `"198.51.100.${1 + (draw(entity, 5) % 254)}"`],
    [/(Url|Uri|UrlDomain|Link)$/, (entity) => `"https://${pick(HOSTS, entity, 4)}/${hex(entity, 8)}"`],
    [/Domain$/, (entity) => `"${pick(HOSTS, entity, 4)}"`],
    [/FileName$/, program('file')],
    [/(FolderPath|FilePath|Path)$/, program('folder')],
    [/CommandLine$/, program('line')],
    [/SHA256$/i, program('sha256')],
    [/SHA1$/i, program('sha1')],
    [/MD5$/i, program('md5')],
    [
      /^(ReportId|CorrelationId|RequestId|SessionId|NetworkMessageId)$/,
      (_, event, serial) => `"${numberedUuid(event, serial)}"`,
    ],
    [/^InternetMessageId$/, (entity, event) => `"<${hex(event, 20)}@${pick(HOSTS, entity, 4)}>"`],
    ...WORDS.map(([pattern, words]) => [pattern, oneOf(words, name)] as const),
    [/Id$/, (entity) => `"${uuid(draw(entity, 6))}"`],
  ];
  const rule = rules.find(([pattern]) => pattern.test(name));
  return rule?.[1] ?? oneOf([`${name} a`, `${name} b`, `${name} c`, ''], name);
}

/** An id that no other row has. */
const numberedUuid = (event: number, serial: number): string =>
  `${uuid(event).slice(0, -12)}${serial.toString(16).padStart(12, '0')}`;

/** One of some texts, the same one for rows about the same thing. */
export function oneOf(texts: readonly string[], name: string): Cell {
  const cells = texts.map((text) => JSON.stringify(text));
  const n = name.length;
  return (entity) => pick(cells, entity, n);
}

function byEntity<K extends string>(from: readonly Readonly<Record<K, string>>[], n: number, part: K): Cell {
  const cells = from.map((one) => one[part]);
  return (entity) => pick(cells, entity, n);
}

function pick(from: readonly string[], seed: number, n: number): string {
  return from[draw(seed, n) % from.length] ?? '""';
}
