import { randomBytes } from 'node:crypto';
import { type AuthenticationResult, CryptoProvider } from '@azure/msal-node';
import { abortable } from '../../shared/auth/abortable.ts';
import { createDevicePolling } from './device-polling.ts';
import { openLoopback, type Redirect } from './loopback.ts';
import type { NoBrowser } from './open-browser.ts';
import { attemptSignIn, createPersonNetwork, type PersonParts } from './person.ts';
import { createPersonClient } from './person-client.ts';
import { type PersonAttempt, personError } from './refusal-words.ts';
import type { SignIn } from './sign-in-store.ts';

/** What a new sign-in is made of. */
export type NewSignIn = Omit<SignIn, 'cloud'>;

export interface FlowOptions extends Omit<PersonParts, 'store'> {
  readonly clientId: string;
  /** Directory id, domain, or `organizations`. */
  readonly tenant: string;
  /** Of one resource; msal adds openid, profile and offline_access. */
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly again: string;
  /** Ends the sign-in: Ctrl-C, or the time limit. Its reason is thrown. */
  readonly signal: AbortSignal;
  /** Shows a line to the person. */
  readonly tell: (line: string) => void;
}

export interface BrowserFlowOptions extends FlowOptions {
  /** Of the redirect; 0: the system's choice. */
  readonly port: number;
  readonly openBrowser: (url: string) => Promise<NoBrowser | undefined>;
}

const WHY_NO_BROWSER: Readonly<Record<NoBrowser, string>> = {
  ssh: 'This is an SSH session, so no browser was opened.',
  'no-display': 'There is no display, so no browser was opened.',
  failed: 'No browser could be opened.',
};

/**
 * Authorization code with PKCE and a redirect to this machine.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 *
 * @throws OutriderError `auth.*`; CommandFailure for a port in use; the signal's reason
 */
export async function signInWithBrowser(options: BrowserFlowOptions): Promise<NewSignIn> {
  const { signal, port, tell, scopes } = options;
  const { client, network, attempt } = setUp(options);
  const state = randomBytes(32).toString('base64url');
  const nonce = randomBytes(32).toString('base64url');
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const loopback = await openLoopback({ state, port });
  try {
    const { redirectUri } = loopback;
    const url = await attemptSignIn(network, attempt, signal, () =>
      client.getAuthCodeUrl({
        scopes: [...scopes],
        redirectUri,
        state,
        nonce,
        codeChallenge: challenge,
        codeChallengeMethod: 'S256',
        prompt: options.service.prompt,
        responseMode: 'query',
      }),
    );
    const none = await options.openBrowser(url);
    if (none === undefined)
      tell('Sign in in the browser window that has opened. If none has, open this address:');
    else {
      tell(
        `${WHY_NO_BROWSER[none]} Without one on this machine press Ctrl-C and run: outrider login --device-code`,
      );
      tell('With one, open this address in it:');
    }
    tell(url);
    const code = codeOf(await abortable(loopback.redirect, signal), attempt);
    const result = await attemptSignIn(network, attempt, signal, () =>
      client.acquireTokenByCode(
        { code, codeVerifier: verifier, redirectUri, scopes: [...scopes], state, nonce },
        { code, state, nonce },
      ),
    );
    return signInOf(options, result, client.getTokenCache().serialize());
  } finally {
    await loopback.close();
  }
}

/**
 * Device code, for a machine without a browser.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 *
 * @throws OutriderError `auth.*`; the signal's reason
 */
export async function signInWithDeviceCode(options: FlowOptions): Promise<NewSignIn> {
  const { signal, tell, scopes } = options;
  const wire = options.fetch ?? ((...request) => fetch(...request));
  const polling = { ...options, fetch: createDevicePolling({ fetch: wire, clock: options.clock }) };
  // Waiting for the person is one request to msal, as long as the signal allows.
  const { client, network, attempt } = setUp(polling, 24 * 60 * 60_000);
  const result = await attemptSignIn(network, attempt, signal, () =>
    client.acquireTokenByDeviceCode({
      scopes: [...scopes],
      deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) => {
        const minutes = Math.max(1, Math.floor(expiresIn / 60));
        tell(`Open ${webAddress(verificationUri)} in any browser and enter the code ${plain(userCode)}`);
        tell(`It is good for ${minutes} minutes. Enter it only if you have started this sign-in yourself.`);
      },
    }),
  );
  return signInOf(options, result, client.getTokenCache().serialize());
}

function setUp(options: FlowOptions, timeoutMs?: number) {
  const { service, clientId, tenant, audience, again, proxy } = options;
  const network = createPersonNetwork(options, timeoutMs);
  const attempt: PersonAttempt = { origin: service.origin, clientId, tenant, audience, again, proxy };
  return { network, attempt, client: createPersonClient({ service, clientId, tenant, network }) };
}

function codeOf(redirect: Redirect, attempt: PersonAttempt): string {
  if ('code' in redirect) return redirect.code;
  const { error, number } = redirect;
  throw personError({ error, ...(number === undefined ? {} : { number }) }, attempt);
}

function signInOf(
  { clientId, ...options }: FlowOptions,
  result: AuthenticationResult | null,
  cache: string,
): NewSignIn {
  const account = result?.account;
  if (!account)
    throw personError({ error: 'no_account' }, { ...options, clientId, origin: options.service.origin });
  return {
    clientId,
    tenantId: account.tenantId || options.tenant,
    accountId: account.homeAccountId,
    username: plain(account.username || account.name || account.homeAccountId),
    cache,
  };
}

/** What comes from outside must not steer a terminal. */
const plain = (text: string): string => text.replaceAll(/[\p{Control}\p{Format}]/gu, '').slice(0, 200);

function webAddress(text: string): string {
  const url = URL.parse(text);
  return url?.protocol === 'https:' ? url.href : '(no address of the web)';
}
