import type { AadstsProblem } from './aadsts.ts';
import type { DirectoryApp } from './directory.ts';
import { badClient, badGrant, badRequest } from './problem-kinds.ts';

/*
 * Refusals of flows that go by a browser, and of what they end in: codes, refresh tokens. Sources as in
 * user-problems.ts.
 */

export const adminNeeded = ({ appId, displayName }: DirectoryApp): AadstsProblem => ({
  ...badGrant(
    90094,
    `${displayName} ('${appId}') needs permissions that only an administrator of your organization can grant.`,
  ),
  error: 'access_denied',
});

export const loginNeeded = (): AadstsProblem => ({
  ...badGrant(50058, 'A silent sign-in request was sent but no user is signed in.'),
  error: 'login_required',
});

export const userCancelled = (): AadstsProblem => ({
  ...badGrant(65004, 'User declined to consent to access the app.'),
  error: 'access_denied',
  suberror: 'cancel',
});

export const notInvolved = (): AadstsProblem =>
  badRequest(90014, "The required field 'step' is missing from the form, or not known.");

export const noTenant = (): AadstsProblem =>
  badRequest(
    50059,
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
  );

export const redirectMismatch = (redirectUri: string, appId: string): AadstsProblem =>
  badRequest(
    50011,
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${appId}'.`,
  );

export const responseTypeRefused = (responseType: string): AadstsProblem => ({
  ...badGrant(700051, `The response_type '${responseType}' is not enabled for the application.`),
  error: 'unsupported_response_type',
});

export const badChallenge = (): AadstsProblem =>
  badRequest(501491, 'Invalid size or method of the code challenge: 43 to 128 characters, S256 or plain.');

export const verifierMismatch = (): AadstsProblem =>
  badGrant(
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  );

export const unknownCode = (name: string): AadstsProblem =>
  badGrant(70000, `The provided value for the '${name}' parameter is not valid.`);

export const expiredCode = (): AadstsProblem =>
  badGrant(70008, 'The provided authorization code or refresh token has expired due to inactivity.');

export const usedCode = (): AadstsProblem =>
  badGrant(54005, 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.');

export const codeOfOtherTenant = (): AadstsProblem =>
  badGrant(700005, 'Provided Authorization Code is intended to use against other tenant, thus rejected.');

export const replyMismatch = (redirectUri: string): AadstsProblem => ({
  ...badGrant(
    500112,
    `The reply address '${redirectUri}' does not match the reply address provided when requesting Authorization code.`,
  ),
  error: 'invalid_client',
});

export const publicWithSecret = (): AadstsProblem =>
  badClient(
    700025,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  );

export const secretNeeded = (): AadstsProblem =>
  badClient(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );

export const expiredRefreshToken = (): AadstsProblem => ({
  ...badGrant(700082, 'The refresh token has expired due to inactivity.'),
  suberror: 'bad_token',
});

export const revokedRefreshToken = (): AadstsProblem => ({
  ...badGrant(50173, 'The provided grant has expired due to it being revoked, a fresh auth token is needed.'),
  suberror: 'bad_token',
});

export const devicePending = (error: 'authorization_pending' | 'slow_down'): AadstsProblem => ({
  ...badGrant(70016, 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.'),
  error,
});

export const deviceExpired = (): AadstsProblem => ({
  ...badGrant(
    70020,
    "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  ),
  error: 'expired_token',
});

export const deviceDeclined = (): AadstsProblem => ({
  ...badGrant(65004, 'The user declined the sign-in of the device.'),
  error: 'authorization_declined',
});

export const deviceUnknown = (): AadstsProblem => ({
  ...badGrant(70018, "The provided value for the input parameter 'device_code' is not valid."),
  error: 'bad_verification_code',
});

export const adminOnly = (): AadstsProblem => ({
  ...badGrant(90093, 'Only an administrator can consent for the whole organization. Sign in as one.'),
  error: 'access_denied',
});

export const notSubscribed = (resource: string): AadstsProblem => ({
  ...badGrant(
    650052,
    `The app needs access to a service ('${resource}') that your organization has not subscribed to or enabled.`,
  ),
  error: 'invalid_client',
});
