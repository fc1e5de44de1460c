import type { LabAnswer, LabRequest } from '../service.ts';
import { AadstsError } from './aadsts.ts';
import { checkInstalled } from './check-installed.ts';
import { checkClient } from './client-proof.ts';
import type { SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, findApp } from './directory.ts';
import { createAuthorizationCode } from './grants/authorization-code.ts';
import { createClientCredentials } from './grants/client-credentials.ts';
import { createDeviceCode } from './grants/device-code.ts';
import { type Grant, required } from './grants/grant.ts';
import { createOnBehalfOf } from './grants/on-behalf-of.ts';
import { createRefreshTokenGrant } from './grants/refresh-token.ts';
import { postOnly, unknownApp, unsupportedGrant } from './problems.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { EntraSettings } from './settings.ts';
import type { AuthorizationCodes } from './sign-in-flow/authorization-codes.ts';
import type { DeviceCodes } from './sign-in-flow/device-codes.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { UserTokens } from './user-tokens.ts';

export interface TokenEndpointOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
  readonly tokens: UserTokens;
  readonly codes: AuthorizationCodes;
  readonly deviceCodes: DeviceCodes;
  readonly refreshTokens: RefreshTokens;
  /** Told every secret and assertion that was accepted. */
  readonly onAccepted: (secret: string) => void;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

/** Where a request was sent to. */
export interface Addressed {
  /** Undefined: `organizations` or `common`. */
  readonly tenant: DirectoryTenant | undefined;
  /** First segment of the path, as sent. */
  readonly routeTenant: string;
  readonly cloud: SignInCloud;
}

export interface TokenEndpoint {
  /** `POST /{tenant}/oauth2/v2.0/token`. @throws AadstsError */
  answer(request: LabRequest, address: Addressed): Promise<LabAnswer>;
}

/** Makes the client prove who it is, then leaves the request to its grant. */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { directory, settings } = options;
  const deviceCode = createDeviceCode(options);
  const grants: Readonly<Record<string, Grant>> = {
    client_credentials: createClientCredentials(options),
    authorization_code: createAuthorizationCode(options),
    refresh_token: createRefreshTokenGrant(options),
    'urn:ietf:params:oauth:grant-type:jwt-bearer': createOnBehalfOf(options),
    'urn:ietf:params:oauth:grant-type:device_code': deviceCode,
    // What msal-node sends.
    device_code: deviceCode,
  };
  return {
    async answer(request, { tenant, routeTenant, cloud }) {
      if (request.method !== 'POST') throw new AadstsError(postOnly(request.method));
      const form = new URLSearchParams(request.body.toString('utf8'));
      const name = required(form, 'grant_type');
      const grant = Object.hasOwn(grants, name) ? grants[name] : undefined;
      if (grant === undefined) throw new AadstsError(unsupportedGrant(name));
      const app = appOf(directory, required(form, 'client_id'), tenant?.name ?? routeTenant);
      if (tenant !== undefined) checkInstalled(settings, app, tenant);
      const { forPerson } = grant;
      const proof = { ...options, form, app, tenantId: tenant?.id ?? routeTenant, cloud, forPerson };
      const { clientProof, accepted } = await checkClient({ ...proof, now: options.now() });
      const answer = await grant.answer({ form, tenant, cloud, app, clientProof });
      if (accepted !== undefined) options.onAccepted(accepted);
      return answer;
    },
  };
}

function appOf(directory: Directory, appId: string, tenant: string): DirectoryApp {
  const app = findApp(directory, appId);
  if (app === undefined) throw new AadstsError(unknownApp(appId, tenant));
  return app;
}
