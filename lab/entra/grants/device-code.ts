import { AadstsError } from '../aadsts.ts';
import { readDelegatedScope } from '../delegated-scope.ts';
import { type Directory, findTenant, sameId } from '../directory.ts';
import { deviceDeclined, deviceExpired, devicePending, deviceUnknown, usedCode } from '../flow-problems.ts';
import { unknownTenant } from '../problems.ts';
import type { EntraSettings } from '../settings.ts';
import { DEVICE_INTERVAL_SECONDS, type DeviceCodes, type DeviceGrant } from '../sign-in-flow/device-codes.ts';
import { unknownUser } from '../user-problems.ts';
import type { UserTokens } from '../user-tokens.ts';
import { findUser } from '../users.ts';
import { type Grant, type GrantCall, required } from './grant.ts';

export interface DeviceCodeOptions {
  readonly directory: Directory;
  readonly settings: EntraSettings;
  readonly deviceCodes: DeviceCodes;
  readonly tokens: UserTokens;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

type Approved = Extract<DeviceGrant['state'], { kind: 'approved' }>;

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user */
export function createDeviceCode(options: DeviceCodeOptions): Grant {
  const { directory, tokens } = options;
  return {
    forPerson: true,
    async answer(call) {
      const { app, cloud, clientProof } = call;
      const { request, approved } = take(options, call);
      const tenant = findTenant(directory, approved.tenantId);
      if (tenant === undefined) throw new AadstsError(unknownTenant(approved.tenantId, 'token'));
      const user = findUser(directory, approved.tenantId, approved.userId);
      if (user === undefined) throw new AadstsError(unknownUser(approved.userId, tenant.name));
      return tokens.answer({
        user,
        app,
        tenant,
        cloud,
        scope: readDelegatedScope(directory, { tenant, cloud }, request.scope),
        claims: request.claims,
        signIn: approved.signIn,
        clientProof,
      });
    },
  };
}

/** @throws AadstsError 70018, 70020, 70016, 65004, 54005 */
function take(
  { deviceCodes, settings, now }: DeviceCodeOptions,
  { form, app }: GrantCall,
): { readonly request: DeviceGrant['request']; readonly approved: Approved } {
  const grant = deviceCodes.byDeviceCode(required(form, 'device_code'));
  if (grant === undefined || !sameId(grant.request.appId, app.appId)) throw new AadstsError(deviceUnknown());
  const asked = grant.askedAt;
  grant.askedAt = now();
  if (now() >= grant.until) throw new AadstsError(deviceExpired());
  const { state } = grant;
  switch (state.kind) {
    case 'pending': {
      const isTooSoon = asked !== undefined && now() - asked < DEVICE_INTERVAL_SECONDS * 1000;
      throw new AadstsError(devicePending(isTooSoon ? settings.deviceTooSoon : 'authorization_pending'));
    }
    case 'declined':
      throw new AadstsError(deviceDeclined());
    case 'used':
      throw new AadstsError(usedCode());
    case 'approved':
      grant.state = { kind: 'used' };
      return { request: grant.request, approved: state };
  }
}
