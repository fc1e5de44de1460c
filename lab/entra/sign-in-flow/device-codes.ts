import { randomBytes, randomInt } from 'node:crypto';
import { notes } from '../../leak-watch/notes.ts';
import type { ClaimsRequest } from '../claims-request.ts';
import type { SignIn } from './sign-in.ts';

export interface DeviceRequest {
  readonly appId: string;
  readonly scope: string;
  readonly claims: ClaimsRequest;
  /** First segment of the request's path: a tenant's id, `organizations` or `common`. */
  readonly routeTenant: string;
}

/** What has become of a device code. */
export type DeviceState =
  | { readonly kind: 'pending' | 'declined' | 'used' }
  | {
      readonly kind: 'approved';
      readonly userId: string;
      readonly tenantId: string;
      readonly signIn: SignIn;
    };

export interface DeviceGrant {
  readonly request: DeviceRequest;
  readonly userCode: string;
  readonly deviceCode: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  state: DeviceState;
  /** When the device asked last, in milliseconds since 1970. */
  askedAt: number | undefined;
}

export interface DeviceCodes {
  issue(request: DeviceRequest): DeviceGrant;
  byDeviceCode(code: string): DeviceGrant | undefined;
  /** However the person has typed it. */
  byUserCode(code: string): DeviceGrant | undefined;
}

export const DEVICE_CODE_SECONDS = 900;
export const DEVICE_INTERVAL_SECONDS = 5;
/** Without letters and digits that look alike. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export function createDeviceCodes(now: () => number, onIssued: (secret: string) => void): DeviceCodes {
  const grants: DeviceGrant[] = [];
  return {
    issue(request) {
      const deviceCode = `GA${randomBytes(96).toString('base64url')}`;
      const userCode = Array.from({ length: 9 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
      notes().secret('device code', deviceCode);
      onIssued(deviceCode);
      const until = now() + DEVICE_CODE_SECONDS * 1000;
      const grant: DeviceGrant = {
        request,
        userCode,
        deviceCode,
        until,
        state: { kind: 'pending' },
        askedAt: undefined,
      };
      grants.push(grant);
      return grant;
    },
    byDeviceCode: (code) => grants.find(({ deviceCode }) => deviceCode === code),
    byUserCode(code) {
      const typed = code.trim().toUpperCase();
      return grants.find(({ userCode, until }) => userCode === typed && until > now());
    },
  };
}
