import { codeOf } from '../../shared/auth/entra-errors.ts';
import type { SignInAnswer } from '../../shared/auth/exchange.ts';
import { type ErrorCode, OutriderError } from '../../shared/errors.ts';

/** Who wanted what, for the words of a refusal. */
export interface PersonAttempt {
  readonly origin: string;
  readonly clientId: string;
  readonly tenant: string;
  /** What the token was for, as people say it: `Microsoft Graph`; undefined for signing in alone. */
  readonly audience: string | undefined;
  /** Command that signs in anew, for this: `outrider login --tenant …`. */
  readonly again: string;
  readonly proxy: ProxySettings;
}

/** What the environment says of proxies. */
export interface ProxySettings {
  readonly url: string | undefined;
  /** Node goes by it only with NODE_USE_ENV_PROXY=1. */
  readonly used: boolean;
}

export function proxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  return {
    url: env.HTTPS_PROXY || env.https_proxy || undefined,
    used: env.NODE_USE_ENV_PROXY === '1',
  };
}

type Words = (attempt: PersonAttempt) => string;

const signInAgain: Words = ({ again }) => `The sign-in is no longer good. Sign in again: ${again}`;
const interaction: Words = ({ audience, tenant, again }) =>
  `The tenant ${tenant} wants to see you again before it lets you use ${audience ?? 'Outrider'} (multi-factor authentication or Conditional Access). Run: ${again}`;
const blocked: Words = ({ audience, tenant }) =>
  `A Conditional Access policy of the tenant ${tenant} does not let you use ${audience ?? 'Outrider'} from here. Ask its administrator what is demanded: a managed device, a place, a network.`;
const consent: Words = ({ origin, clientId, tenant, audience }) =>
  `The tenant ${tenant} has not consented that the app ${clientId} uses ${audience ?? 'it'} in your name. An administrator of the tenant can do so at ${origin}/${tenant}/adminconsent?client_id=${clientId}`;
const notPublic: Words = ({ clientId }) =>
  `The app ${clientId} is not registered for people at a command line. In its registration, under Authentication, set "Allow public client flows" to Yes, and add the platform "Mobile and desktop applications" with http://localhost.`;
const noRedirect: Words = ({ clientId }) =>
  `The app ${clientId} does not know the redirect URI http://localhost. Add it to the registration as a platform "Mobile and desktop applications", or use: outrider login --device-code`;
const guest: Words = ({ tenant }) =>
  `Your account is not known in the tenant ${tenant}. Ask to be invited there as a guest, or sign in with another account.`;
const oneTenant: Words = ({ clientId }) =>
  `The app ${clientId} takes people of its own tenant only. Name that tenant: outrider login --tenant <directory id or domain>`;
const declined: Words = ({ again }) => `Sign-in was declined in the browser. To try again: ${again}`;
const codeOver: Words = ({ again }) => `The device code was not used in time. Ask for a new one: ${again}`;

/**
 * By the numbers behind `AADSTS`; https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
 * 700084 and 70043: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
const BY_NUMBER: Readonly<Record<number, Words>> = {
  50011: noRedirect,
  50020: guest,
  50034: guest,
  50194: oneTenant,
  7000218: notPublic,
  70002: notPublic,
  50072: interaction,
  50074: interaction,
  50076: interaction,
  50079: interaction,
  50158: interaction,
  50057: () => 'Your account is disabled. Ask the administrator of your tenant.',
  50105: ({ clientId, tenant }) =>
    `The tenant ${tenant} lets only assigned people use the app ${clientId}, and you are not one. Ask its administrator.`,
  50055: () => 'Your password has expired. Change it in the browser, then sign in again.',
  50089: signInAgain,
  50132: signInAgain,
  50133: signInAgain,
  50173: signInAgain,
  700082: signInAgain,
  700084: signInAgain,
  70008: signInAgain,
  70043: signInAgain,
  65004: declined,
  70019: codeOver,
  70020: codeOver,
};

const BY_ERROR: Readonly<Record<string, Words>> = {
  access_denied: declined,
  authorization_declined: declined,
  expired_token: codeOver,
  code_expired: codeOver,
  consent_required: consent,
  interaction_required: interaction,
  login_required: signInAgain,
  no_tokens_found: signInAgain,
  no_account_found: signInAgain,
  invalid_grant: signInAgain,
  unauthorized_client: notPublic,
  nonce_mismatch: ({ again }) =>
    `The answer of sign-in does not belong to this sign-in. Begin again: ${again}`,
  state_mismatch: ({ again }) =>
    `The answer of sign-in does not belong to this sign-in. Begin again: ${again}`,
};

const BY_CODE: Readonly<Partial<Record<ErrorCode, Words>>> = {
  'auth.consent_missing': consent,
  'auth.tenant_unknown': ({ tenant, origin }) =>
    `There is no tenant ${tenant} at ${origin}. Correct --tenant (a directory id or a domain name), or name its cloud with --cloud.`,
  'auth.app_not_in_tenant': ({ clientId, tenant, origin }) =>
    `The tenant ${tenant} does not know the app ${clientId}. Correct OUTRIDER_CLI_CLIENT_ID or --client-id: it is the application (client) id, not the object id. Else let the tenant accept the app: ${origin}/${tenant}/adminconsent?client_id=${clientId}`,
  'auth.tenant_elsewhere': ({ tenant }) =>
    `The tenant ${tenant} is in another national cloud. Name it by --cloud: gcchigh or dod for US government, else global.`,
  'auth.tenant_blocked': ({ tenant }) =>
    `Microsoft has blocked the tenant ${tenant} because nobody used it. Its administrator can ask Microsoft's support to reactivate it.`,
  'auth.app_disabled': ({ clientId, tenant }) =>
    `The tenant ${tenant} has the app ${clientId} disabled. Its administrator can enable it again: enterprise applications, properties, "Enabled for users to sign-in".`,
  'auth.api_not_in_tenant': ({ tenant, audience }) =>
    `The tenant ${tenant} does not have ${audience ?? 'the API'}: it comes with a licence for the product, or, for the Outrider API, with consent to it.`,
  'auth.api_disabled': ({ tenant, audience }) =>
    `The tenant ${tenant} has ${audience ?? 'the API'} disabled: a licence has lapsed, or an administrator disabled it.`,
  'auth.access_blocked': blocked,
  'auth.throttled': () => 'Sign-in limits how often it may be asked. Wait a minute.',
};

/** The refused or failed sign-in of a person as a coded error. No sentence of the answer is in it. */
export function personError(answer: SignInAnswer | undefined, attempt: PersonAttempt): OutriderError {
  const meant = codeOf(answer, 'secret');
  // A person's app has no secret: what asks for one takes the app for another kind.
  const code = meant === 'auth.secret_wrong' ? 'auth.refused' : meant;
  const { number, error, suberror, status, trackingId, retryAfterMs } = answer ?? {};
  const label = number === undefined ? '' : ` (AADSTS${number})`;
  const facts = {
    ...(status === undefined ? {} : { status }),
    ...(trackingId === undefined ? {} : { trackingId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(number === undefined ? {} : { serviceCode: `AADSTS${number}` }),
  };
  if (code === 'auth.unavailable') {
    return new OutriderError(code, unreachable(answer ?? {}, attempt), facts);
  }
  const byNumber = number === undefined ? undefined : BY_NUMBER[number];
  const words =
    byNumber ?? BY_CODE[code] ?? BY_ERROR[suberror ?? ''] ?? (number ? undefined : BY_ERROR[error ?? '']);
  if (words) return new OutriderError(code, `${words(attempt)}${label}`, facts);
  const why =
    number === undefined
      ? error === undefined
        ? 'before anything was sent'
        : `with "${error}"`
      : `. Its reason is explained at ${attempt.origin}/error?code=${number}`;
  return new OutriderError(code, `Sign-in was refused${number ? '' : ' '}${why}${label}`, facts);
}

function unreachable({ fault, faultCode, status }: SignInAnswer, { origin, proxy }: PersonAttempt): string {
  if (fault === 'timeout') return `${origin} did not answer in time. ${proxyAdvice(proxy)}`;
  if (fault === 'network') {
    return `No connection to ${origin}${faultCode ? ` (${faultCode})` : ''}. ${proxyAdvice(proxy, faultCode)}`;
  }
  return `${origin} answered with status ${status ?? 'unknown'}${fault ? ' and nothing usable' : ''}. Try again later.`;
}

/** Names no address: a proxy's may hold a password. */
function proxyAdvice({ url, used }: ProxySettings, faultCode = ''): string {
  if (/CERT|SELF_SIGNED|UNABLE_TO|ISSUER/.test(faultCode)) {
    return 'Its certificate is not trusted: where a proxy looks into TLS, name the file of its authority in NODE_EXTRA_CA_CERTS.';
  }
  if (url && !used)
    return 'HTTPS_PROXY is set, but is used only with NODE_USE_ENV_PROXY=1: set that as well.';
  if (url) return 'Requests go by the proxy of HTTPS_PROXY: check that it runs and lets this host through.';
  return 'Check the network; behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1.';
}
