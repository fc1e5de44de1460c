import type { Cloud } from '../clouds.ts';
import { adminConsentLink } from '../consent-link.ts';
import { type ErrorCode, type ErrorFacts, OutriderError } from '../errors.ts';
import type { Resource, Tenant } from '../tenant.ts';
import { API_NAMES } from './audiences.ts';
import type { ClientProof } from './credentials/kind.ts';
import { codeOf } from './entra-errors.ts';
import type { SignInAnswer } from './exchange.ts';

/** Who signs in where, and for what. */
export interface SignInAttempt {
  readonly tenant: Tenant;
  readonly clientId: string;
  readonly resource: Resource;
  readonly cloud: Cloud;
  readonly proof: ClientProof;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** `tenant "Contoso" (00000000-…)`, as error texts name it. */
export function tenantName({ id, name }: Tenant): string {
  return name === id ? `tenant ${id}` : `tenant "${name}" (${id})`;
}

/** The failed sign-in as a coded error. Nothing of the request and no sentence of the answer is in it. */
export function signInError(answer: SignInAnswer | undefined, attempt: SignInAttempt): OutriderError {
  const code = expired(codeOf(answer, attempt.proof.provenBy), attempt);
  const { status, retryAfterMs, trackingId, number } = answer ?? {};
  const facts: ErrorFacts = {
    tenant: attempt.tenant.id,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(trackingId === undefined ? {} : { trackingId }),
    ...(number === undefined ? {} : { serviceCode: `AADSTS${number}` }),
  };
  const label = number === undefined ? '' : ` (AADSTS${number})`;
  return new OutriderError(code, `${textOf(code, answer ?? {}, attempt)}${label}`, facts);
}

/** The service gives one number for any fault of a certificate; that it has expired is known here. */
function expired(code: ErrorCode, { proof, now }: SignInAttempt): ErrorCode {
  const isOver = proof.expiresAt !== undefined && proof.expiresAt <= now;
  return code === 'auth.certificate_refused' && isOver ? 'auth.certificate_expired' : code;
}

/** The service refuses what sign-in gives, again and again. */
export function refusedAgain(tenant: Tenant, resource: Resource): OutriderError {
  return new OutriderError(
    'auth.refused',
    `The token of ${tenantName(tenant)} is refused by ${API_NAMES[resource]}, and a new one as well. Check in the tenant whether the ` +
      "app is disabled or blocked by a Conditional Access policy, and the service's audience.",
    { tenant: tenant.id },
  );
}

function textOf(code: ErrorCode, answer: SignInAnswer, attempt: SignInAttempt): string {
  const { tenant, clientId, cloud, resource, proof } = attempt;
  const where = tenantName(tenant);
  const api = API_NAMES[resource];
  const app = `the app ${clientId}`;
  const consent = `An administrator of the tenant can do so at ${adminConsentLink(cloud, tenant.id, clientId)}.`;
  switch (code) {
    case 'auth.tenant_unknown':
      return `There is no ${where} at ${cloud.signIn}: the id is wrong, the tenant was deleted, or it is in another cloud. Correct the directory id, or OUTRIDER_CLOUD (now ${cloud.name}).`;
    case 'auth.tenant_elsewhere':
      return `The ${where} is in another national cloud than ${cloud.name}, or has moved there. Serve it by a deployment of Outrider whose OUTRIDER_CLOUD names that cloud, with an app that is registered there.`;
    case 'auth.tenant_blocked':
      return `Microsoft has blocked the ${where} because nobody used it, and deletes it 20 days after that. Its administrator can ask Microsoft's support to reactivate it; else remove it from the tenants of Outrider.`;
    case 'auth.app_not_in_tenant':
      return `The ${where} does not know ${app}. ${idHint(attempt)} ${consent}`;
    case 'auth.app_disabled':
      return `The ${where} knows ${app} but has it disabled. Enable its sign-in again: enterprise applications, properties, "Enabled for users to sign-in".`;
    case 'auth.api_not_in_tenant':
      return `The ${where} has no service principal of ${api}, so nobody gets a token for it. It comes with a licence for the Defender product; an administrator can also add it.`;
    case 'auth.api_disabled':
      return `In the ${where} the service principal of ${api} is disabled: a subscription has lapsed, or an administrator disabled it. Renew the licence, or enable it.`;
    case 'auth.access_blocked':
      return `A Conditional Access policy of the ${where} keeps ${app} from a token for ${api}. Exclude the app's service principal from it, or let it sign in from the policy's locations.`;
    case 'auth.consent_missing':
      return `The ${where} has not consented to what ${app} asks for at ${api}. ${consent}`;
    case 'auth.secret_wrong':
      return `The ${where} does not accept the secret of ${app}. ${proof.advice}`;
    case 'auth.secret_expired':
      return `The secret of ${app} has expired, so it cannot sign in to ${where}. ${proof.advice}`;
    case 'auth.certificate_expired':
      return `The certificate of ${app} has expired, so it cannot sign in to ${where}. ${proof.advice}`;
    case 'auth.certificate_refused':
      return `The ${where} does not accept the certificate of ${app}. ${proof.advice}`;
    case 'auth.assertion_refused':
      return `The ${where} does not accept the managed identity as a proof of ${app}. ${proof.advice}`;
    case 'auth.throttled':
      return `Sign-in limits how often ${app} may ask for tokens of ${where}. It is tried again later.`;
    case 'auth.unavailable':
      return `Sign-in of ${app} to ${where} failed: ${whyUnavailable(answer, cloud)} It is tried again later.`;
    default:
      return `Sign-in of ${app} to ${where} for ${api} was refused${reason(answer, cloud)}`;
  }
}

/** A client id that is another kind of id is a GUID as well: it is told by what it is equal to. */
function idHint({ tenant, clientId, proof }: SignInAttempt): string {
  if (clientId === tenant.id)
    return 'That is the id of the tenant itself: take the application (client) id of the app registration.';
  if (clientId === proof.objectId)
    return 'That is the object id of the managed identity: take the application (client) id of the app registration that trusts it.';
  return 'Check that it is the application (client) id and not an object id, or let the tenant accept the app.';
}

function whyUnavailable({ fault, faultCode, status }: SignInAnswer, { signIn }: Cloud): string {
  if (fault === 'timeout') return `${signIn} did not answer in time.`;
  if (fault === 'network') {
    return `no connection to ${signIn}${faultCode ? ` (${faultCode})` : ''}. Check network, proxy and firewall.`;
  }
  return `${signIn} answered with status ${status ?? 'unknown'}${fault ? ' and nothing usable' : ''}.`;
}

function reason({ number, error, status }: SignInAnswer, { signIn }: Cloud): string {
  if (number !== undefined) return `. Its reason is explained at ${signIn}/error?code=${number}`;
  if (error !== undefined) return ` with "${error}".`;
  return status === undefined ? ' before anything was sent.' : ` with status ${status}.`;
}
