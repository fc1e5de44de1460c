import type { Cloud } from '../clouds.ts';
import { type ErrorCode, type ErrorFacts, OutriderError } from '../errors.ts';
import type { Resource, Tenant } from '../tenant.ts';
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
}

/** `tenant "Contoso" (00000000-…)`, as error texts name it. */
export function tenantName({ id, name }: Tenant): string {
  return name === id ? `tenant ${id}` : `tenant "${name}" (${id})`;
}

/** The failed sign-in as a coded error. Nothing of the request and no sentence of the answer is in it. */
export function signInError(answer: SignInAnswer | undefined, attempt: SignInAttempt): OutriderError {
  const code = codeOf(answer, attempt.proof.provenBy);
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

/** The service refuses what sign-in gives, again and again. */
export function refusedAgain(tenant: Tenant, resource: Resource): OutriderError {
  return new OutriderError(
    'auth.refused',
    `${resource} refuses the token of ${tenantName(tenant)}, and a new one as well. Check in the tenant whether the ` +
      "app is disabled or blocked by a Conditional Access policy, and the service's audience.",
    { tenant: tenant.id },
  );
}

function textOf(code: ErrorCode, answer: SignInAnswer, attempt: SignInAttempt): string {
  const { tenant, clientId, cloud, resource, proof } = attempt;
  const where = tenantName(tenant);
  const app = `the app ${clientId}`;
  const consent = `An administrator of the tenant can do so at ${cloud.signIn}/${tenant.id}/adminconsent?client_id=${clientId}.`;
  switch (code) {
    case 'auth.tenant_unknown':
      return `There is no ${where} at ${cloud.signIn}. Correct the directory id, or OUTRIDER_CLOUD (now ${cloud.name}).`;
    case 'auth.app_not_in_tenant':
      return `The ${where} does not know ${app}. Correct the client id, or let the tenant accept the app. ${consent}`;
    case 'auth.consent_missing':
      return `The ${where} has not consented to what ${app} asks for at ${resource}. ${consent}`;
    case 'auth.secret_wrong':
      return `The ${where} does not accept the secret of ${app}. ${proof.advice}`;
    case 'auth.secret_expired':
      return `The secret of ${app} has expired, so it cannot sign in to ${where}. ${proof.advice}`;
    case 'auth.certificate_refused':
      return `The ${where} does not accept the certificate of ${app}. ${proof.advice}`;
    case 'auth.assertion_refused':
      return `The ${where} does not accept the managed identity as a proof of ${app}. ${proof.advice}`;
    case 'auth.throttled':
      return `Sign-in limits how often ${app} may ask for tokens of ${where}. It is tried again later.`;
    case 'auth.unavailable':
      return `Sign-in of ${app} to ${where} failed: ${whyUnavailable(answer, cloud)} It is tried again later.`;
    default:
      return `Sign-in of ${app} to ${where} for ${resource} was refused${reason(answer, cloud)}`;
  }
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
