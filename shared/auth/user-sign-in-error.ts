import type { Cloud } from '../clouds.ts';
import { adminConsentLink } from '../consent-link.ts';
import { type ErrorCode, type ErrorFacts, OutriderError } from '../errors.ts';
import type { Resource, Tenant } from '../tenant.ts';
import { API_NAMES } from './audiences.ts';
import type { SignInAnswer } from './exchange.ts';
import { type SignInAttempt, signInError, tenantName } from './sign-in-error.ts';
import { userCodeOf } from './user-entra-errors.ts';

/** In whose name an app asks for a token, by object id. */
export interface UserSignInAttempt extends SignInAttempt {
  readonly user: string;
  /** What the service asked for when it refused the last token: the user's client needs it as well. */
  readonly claims: string | undefined;
}

/**
 * The failed exchange of a user's token as a coded error: `user.*` where the user or the tenant's admin can do something
 * about it, else that of the app's own sign-in.
 */
export function userSignInError(answer: SignInAnswer | undefined, attempt: UserSignInAttempt): OutriderError {
  const said = answer && userCodeOf(answer);
  if (said === undefined) return signInError(answer, attempt);
  const { tenant, cloud } = attempt;
  const { status, trackingId, number, claims = attempt.claims } = answer ?? {};
  const code = said === 'user.interaction_required' && claims !== undefined ? 'user.claims_required' : said;
  const facts: ErrorFacts = {
    tenant: tenant.id,
    ...(status === undefined ? {} : { status }),
    ...(trackingId === undefined ? {} : { trackingId }),
    ...(number === undefined ? {} : { serviceCode: `AADSTS${number}` }),
    ...(CHALLENGES.has(code) ? challengeOf(tenant, cloud, claims) : {}),
  };
  const label = number === undefined ? '' : ` (AADSTS${number})`;
  return new OutriderError(code, `${textOf(code, attempt)}${label}`, facts);
}

/** The user's session at our API is over: nothing was sent. */
export function assertionExpired(tenant: Tenant, cloud: Cloud): OutriderError {
  return new OutriderError(
    'user.assertion_expired',
    `The token of the user has expired, so nothing more is done in ${tenantName(tenant)} in their name. Get a new token for the Outrider API.`,
    { tenant: tenant.id, ...challengeOf(tenant, cloud, undefined) },
  );
}

/** The service refuses what the exchange gives, again and again. */
export function refusedForUser({
  tenant,
  resource,
  cloud,
  user,
}: Pick<UserSignInAttempt, 'tenant' | 'cloud' | 'user'> & { readonly resource: Resource }): OutriderError {
  return new OutriderError(
    'user.interaction_required',
    `The token of the user ${user} in ${tenantName(tenant)} is refused by ${API_NAMES[resource]}, and a new one as well: the session was revoked, or a policy changed. Sign in again.`,
    { tenant: tenant.id, ...challengeOf(tenant, cloud, undefined) },
  );
}

/** Codes that a new sign-in may mend: the answer says where, and with which claims. */
const CHALLENGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'user.assertion_expired',
  'user.assertion_refused',
  'user.interaction_required',
  'user.claims_required',
]);

function challengeOf(tenant: Tenant, { signIn }: Cloud, claims: string | undefined): ErrorFacts {
  return {
    authorizationUri: `${signIn}/${tenant.id}/oauth2/v2.0/authorize`,
    ...(claims === undefined ? {} : { claims }),
  };
}

function textOf(code: ErrorCode, { tenant, clientId, cloud, resource, user }: UserSignInAttempt): string {
  const where = tenantName(tenant);
  const api = API_NAMES[resource];
  const who = `the user ${user}`;
  switch (code) {
    case 'user.assertion_expired':
      return `The token of ${who} has expired: sign-in to ${where} no longer takes it. Get a new token for the Outrider API.`;
    case 'user.assertion_refused':
      return `Sign-in to ${where} does not take the token of ${who} for the app ${clientId}. Get a new access token (no ID token) whose audience is the Outrider API.`;
    case 'user.consent_missing':
      return (
        `Neither ${who} nor an administrator of ${where} has consented to what the Outrider API ${clientId} does for users at ` +
        `${api}. An administrator opens ${adminConsentLink(cloud, tenant.id, clientId)} to do so.`
      );
    case 'user.claims_required':
      return `The ${where} asks ${who} for more before ${api} may be called, such as a second factor. Sign in again with the claims of the WWW-Authenticate header.`;
    case 'user.access_blocked':
      return `A policy of ${where} (Conditional Access, or the state of the account) keeps ${who} from ${api}. Signing in again does not help: ask an administrator of the tenant.`;
    case 'user.not_assigned':
      return `The ${where} lets only assigned users use the Outrider API ${clientId}, and ${who} is not one. Assign the user, or a group of theirs, to the enterprise application.`;
    default:
      return `Sign-in to ${where} wants ${who} to sign in again before ${api} may be called: get a new token for the Outrider API interactively.`;
  }
}
