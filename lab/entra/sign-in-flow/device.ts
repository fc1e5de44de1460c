import type { LabAnswer, LabRequest } from '../../service.ts';
import { AadstsError, NOT_STORED } from '../aadsts.ts';
import { readClaimsRequest } from '../claims-request.ts';
import type { SignInCloud } from '../clouds.ts';
import { type Directory, type DirectoryTenant, findApp, findTenant } from '../directory.ts';
import { required } from '../grants/grant.ts';
import { codePage, messagePage } from '../pages/plain-pages.ts';
import { postOnly, unknownApp } from '../problems.ts';
import { DEVICE_CODE_SECONDS, DEVICE_INTERVAL_SECONDS, type DeviceCodes } from './device-codes.ts';
import type { Interactions } from './interactions.ts';

export interface DeviceOptions {
  readonly directory: Directory;
  readonly deviceCodes: DeviceCodes;
  readonly interactions: Interactions;
}

/**
 * `POST /{tenant}/oauth2/v2.0/devicecode`.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#device-authorization-request
 * @throws AadstsError
 */
export function startDevice(
  { directory, deviceCodes }: DeviceOptions,
  request: LabRequest,
  { cloud, routeTenant }: { readonly cloud: SignInCloud; readonly routeTenant: string },
): LabAnswer {
  if (request.method !== 'POST') throw new AadstsError(postOnly(request.method));
  const form = new URLSearchParams(request.body.toString('utf8'));
  const appId = required(form, 'client_id');
  const app = findApp(directory, appId);
  if (app === undefined) throw new AadstsError(unknownApp(appId, routeTenant));
  const claims = readClaimsRequest(form.get('claims'));
  const scope = required(form, 'scope');
  const { userCode, deviceCode } = deviceCodes.issue({ appId: app.appId, scope, claims, routeTenant });
  const address = `https://${cloud.deviceHost}/devicelogin`;
  return {
    status: 200,
    headers: NOT_STORED,
    body: {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: address,
      expires_in: DEVICE_CODE_SECONDS,
      interval: DEVICE_INTERVAL_SECONDS,
      message: `To sign in, use a web browser to open the page ${address} and enter the code ${userCode} to authenticate.`,
    },
  };
}

/** `/devicelogin`: asks for the code, then leads the person through the sign-in. */
export function enterDeviceCode(
  { directory, deviceCodes, interactions }: DeviceOptions,
  request: LabRequest,
  cloud: SignInCloud,
): LabAnswer {
  const action = request.url.pathname;
  if (request.method !== 'POST') return codePage(action);
  const typed = new URLSearchParams(request.body.toString('utf8')).get('otc') ?? '';
  const grant = deviceCodes.byUserCode(typed);
  const app = grant && findApp(directory, grant.request.appId);
  if (grant === undefined || app === undefined || grant.state.kind !== 'pending') {
    return codePage(action, 'That code did not work. Check the code and try again.');
  }
  return interactions.start({
    app,
    cloud,
    tenant: tenantOf(directory, grant.request.routeTenant),
    scope: grant.request.scope,
    contexts: grant.request.claims.contexts,
    asksForDevice: true,
    fail() {
      grant.state = { kind: 'declined' };
      return messagePage('You have not signed in', 'You can close this window.');
    },
    succeed({ user, tenant, signIn }) {
      grant.state = { kind: 'approved', userId: user.id, tenantId: tenant.id, signIn };
      const text = `You have signed in to ${app.displayName} on your device. You may now close this window.`;
      return messagePage('You have signed in', text);
    },
  });
}

function tenantOf(directory: Directory, routeTenant: string): DirectoryTenant | undefined {
  return findTenant(directory, routeTenant);
}
