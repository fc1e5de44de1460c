/** A table that is going, or gone, and what to use instead. */
export interface Retired {
  readonly successor: string;
  /** One sentence. */
  readonly note: string;
}

/** Tables that still answer, or did until lately. */
export const DEPRECATED: Readonly<Record<string, Retired>> = {
  AADSignInEventsBeta: {
    successor: 'EntraIdSignInEvents',
    note: 'The beta table is being retired.',
  },
  AADSpnSignInEventsBeta: {
    successor: 'EntraIdSpnSignInEvents',
    note: 'The beta table is being retired.',
  },
  // https://learn.microsoft.com/defender-xdr/advanced-hunting-agentsinfo-table
  AIAgentsInfo: {
    successor: 'AgentsInfo',
    note: 'The documentation promises it until 1 July 2026 only.',
  },
};

/**
 * Names that no longer answer, with what holds their facts now:
 * https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-changes and the renaming of
 * Defender ATP's tables in 2020.
 */
export const RENAMED_TABLES: Readonly<Record<string, string>> = {
  AlertEvents: 'AlertInfo',
  MachineInfo: 'DeviceInfo',
  MachineNetworkInfo: 'DeviceNetworkInfo',
  ProcessCreationEvents: 'DeviceProcessEvents',
  NetworkCommunicationEvents: 'DeviceNetworkEvents',
  FileCreationEvents: 'DeviceFileEvents',
  RegistryEvents: 'DeviceRegistryEvents',
  LogonEvents: 'DeviceLogonEvents',
  ImageLoadEvents: 'DeviceImageLoadEvents',
  MiscEvents: 'DeviceEvents',
  AppFileEvents: 'CloudAppEvents',
  DeviceTvmSoftwareInventoryVulnerabilities: 'DeviceTvmSoftwareVulnerabilities',
};

/**
 * Tables that grow with every process, connection, file or sign-in of a tenant: to read one without a bound on time is
 * what costs CPU quota. Which tables these are is our judgement; no document ranks them. Mail and messages come in far
 * smaller numbers.
 */
export const LARGE_TABLES: ReadonlySet<string> = new Set([
  'AADSignInEventsBeta',
  'CloudAppEvents',
  'CloudAuditEvents',
  'CloudDnsEvents',
  'CloudProcessEvents',
  'DeviceEvents',
  'DeviceFileEvents',
  'DeviceImageLoadEvents',
  'DeviceLogonEvents',
  'DeviceNetworkEvents',
  'DeviceProcessEvents',
  'DeviceRegistryEvents',
  'EntraIdSignInEvents',
  'GraphAPIAuditEvents',
  'IdentityLogonEvents',
]);
