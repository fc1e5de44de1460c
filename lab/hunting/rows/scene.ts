import type { World } from '../../defender/generator/world.ts';

/** A machine, an account, a program and a mail as columns tell of them; all are JSON texts. */
export type Person = Readonly<Record<'upn' | 'name' | 'domain' | 'sid' | 'objectId' | 'display', string>>;
export type Machine = Readonly<Record<'id' | 'aadId' | 'name' | 'platform' | 'version' | 'address', string>>;
export type ProgramCells = Readonly<Record<'file' | 'folder' | 'line' | 'sha1' | 'sha256' | 'md5', string>>;

/** What the rows of a tenant's hunts are about: the people and machines of its incidents. */
export interface Scene {
  readonly people: readonly Person[];
  readonly machines: readonly Machine[];
  readonly programs: readonly ProgramCells[];
}

/** Every cell is written as JSON once, not once in every row. */
export function createScene({ users, devices, programs }: World): Scene {
  const json = (text: string | null | undefined): string => JSON.stringify(text ?? '');
  return {
    people: users.map((user) => ({
      upn: json(user.userPrincipalName),
      name: json(user.accountName),
      domain: json(user.domainName),
      sid: json(user.userSid),
      objectId: json(user.azureAdUserId),
      display: json(user.displayName),
    })),
    machines: devices.map((device) => ({
      id: json(device.mdeDeviceId),
      aadId: json(device.azureAdDeviceId),
      name: json(device.deviceDnsName),
      platform: json(device.osPlatform),
      version: json(device.version),
      address: json(device.lastIpAddress),
    })),
    programs: programs.map(({ file, commandLine }) => ({
      file: json(file.fileName),
      folder: json(`${file.filePath}\\${file.fileName}`),
      line: json(commandLine),
      sha1: json(file.sha1),
      sha256: json(file.sha256),
      md5: json(file.md5),
    })),
  };
}
