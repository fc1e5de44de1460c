import type { CloudName } from './directory.ts';

export interface SignInCloud {
  readonly name: CloudName;
  /** Host of discovery, keys and tokens. */
  readonly host: string;
  /** Every name that the host goes by, for instance discovery. */
  readonly aliases: readonly string[];
  readonly instanceName: string;
  readonly graphHost: string;
  /** Host of the short address where a device's code is entered. */
  readonly deviceHost: string;
}

/** https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
export const CLOUDS: Readonly<Record<CloudName, SignInCloud>> = {
  global: {
    name: 'global',
    host: 'login.microsoftonline.com',
    aliases: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    instanceName: 'microsoftonline.com',
    graphHost: 'graph.microsoft.com',
    deviceHost: 'microsoft.com',
  },
  usgov: {
    name: 'usgov',
    host: 'login.microsoftonline.us',
    aliases: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    instanceName: 'microsoftonline.us',
    graphHost: 'graph.microsoft.us',
    deviceHost: 'microsoft.us',
  },
};

export const SIGN_IN_HOSTS: readonly string[] = Object.values(CLOUDS).flatMap(({ host, deviceHost }) => [
  host,
  deviceHost,
]);

export function cloudOfHost(host: string): SignInCloud | undefined {
  const name = host.toLowerCase();
  return Object.values(CLOUDS).find((cloud) => cloud.host === name || cloud.deviceHost === name);
}

/** `iss` of v1.0 tokens: the same in every cloud that the lab knows. */
export function issuerV1(tenantId: string): string {
  return `https://sts.windows.net/${tenantId}/`;
}

/** `iss` of v2.0 tokens. */
export function issuerV2(tenantId: string, cloud: CloudName = 'global'): string {
  return `https://${CLOUDS[cloud].host}/${tenantId}/v2.0`;
}
