import type { Cloud } from '../clouds.ts';
import { type ErrorFacts, isOutriderError, OutriderError } from '../errors.ts';
import { PERMISSIONS, type Permission } from '../permissions.ts';
import type { GetToken } from '../tenant.ts';
import type { Call } from './call.ts';
import type { Transport } from './transport.ts';
import { serviceName } from './upstream-error.ts';

export interface UserTransportOptions {
  /** Sends with the user's tokens. */
  readonly transport: Transport;
  readonly getToken: GetToken;
  /** The delegated permissions in a token. */
  readonly scopesOf: (token: string) => readonly string[];
  readonly cloud: Cloud;
  /** In whose name, by object id. */
  readonly user: string;
  /** The app that acts for the user: the Outrider API. */
  readonly clientId: string;
}

/**
 * A transport whose refusals speak of the user: what a service answers to a user's token has other causes than what it
 * answers to an app's, and other people can mend it. Told apart by evidence: the challenge, then the scopes in the token.
 */
export function createUserTransport({ transport, ...facts }: UserTransportOptions): Transport {
  async function inUsersWords<T>(call: Call, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isOutriderError(error) ? await userError(error, call, facts) : error;
    }
  }
  return {
    send: (call) => inUsersWords(call, transport.send(call)),
    open: (call) => inUsersWords(call, transport.open(call)),
  };
}

type Facts = Omit<UserTransportOptions, 'transport'>;

async function userError(error: OutriderError, call: Call, facts: Facts): Promise<OutriderError> {
  const isUnauthorized = error.code === 'upstream.unauthorized';
  if (!isUnauthorized && error.code !== 'upstream.forbidden') return error;
  const wantsClaims = error.facts.serviceCode?.toLowerCase() === 'insufficient_claims';
  if (error.facts.claims !== undefined) return claimsRequired(error, call, facts);
  if (isUnauthorized) return signInAgain(error, call, facts);
  if (wantsClaims) return blocked(error, call, facts);
  const needed = scopesFor(call);
  const token = await facts.getToken({ tenant: call.tenant, resource: call.resource, signal: call.signal });
  const has = facts.scopesOf(token);
  return needed.some((scope) => has.includes(scope))
    ? roleMissing(error, call, facts)
    : scopeMissing(error, call, facts, needed);
}

/** The delegated permissions of which the call needs one, least privilege first. */
function scopesFor({ resource, permission }: Call): readonly string[] {
  const rows: readonly Permission[] = PERMISSIONS;
  return rows.find((row) => row.resource === resource && row.roles[0] === permission)?.scopes ?? [permission];
}

function claimsRequired(error: OutriderError, call: Call, facts: Facts): OutriderError {
  return inTheirName('user.claims_required', error, {
    text: `${serviceName(call.resource)} asks the user ${facts.user} for more before it may be asked to ${call.purpose} in tenant ${call.tenant}, such as a second factor or a fresh sign-in. Sign in again with the claims of the WWW-Authenticate header.`,
    more: signInAt(call, facts),
  });
}

function signInAgain(error: OutriderError, call: Call, facts: Facts): OutriderError {
  return inTheirName('user.interaction_required', error, {
    text: `${serviceName(call.resource)} refuses the token of the user ${facts.user} in tenant ${call.tenant}, and a new one as well. Sign in again, and ask with a new token.`,
    more: signInAt(call, facts),
  });
}

function blocked(error: OutriderError, call: Call, { user }: Facts): OutriderError {
  return inTheirName('user.access_blocked', error, {
    text: `A Conditional Access policy of tenant ${call.tenant} keeps the user ${user} from ${serviceName(call.resource)}. Ask an administrator of the tenant.`,
  });
}

function scopeMissing(
  error: OutriderError,
  call: Call,
  { cloud, clientId, user }: Facts,
  needed: readonly string[],
): OutriderError {
  return inTheirName('user.consent_missing', error, {
    text:
      `The Outrider API ${clientId} may not ${call.purpose} for the user ${user} in tenant ${call.tenant}: it lacks the delegated ` +
      `permission ${needed[0]}. An administrator can consent at ${cloud.signIn}/${call.tenant}/adminconsent?client_id=${clientId}.`,
  });
}

function roleMissing(error: OutriderError, call: Call, { user }: Facts): OutriderError {
  return inTheirName('user.role_missing', error, {
    text:
      `${serviceName(call.resource)} does not let the user ${user} ${call.purpose} in tenant ${call.tenant}: the consent is there, ` +
      'so the user lacks a role in Microsoft Defender (Security Reader or a custom role to read and hunt, Security ' +
      'Operator or a custom role to change), or the tenant a licence for the product.',
  });
}

function signInAt({ tenant }: Call, { cloud }: Facts): ErrorFacts {
  return { authorizationUri: `${cloud.signIn}/${tenant}/oauth2/v2.0/authorize` };
}

function inTheirName(
  code: OutriderError['code'],
  cause: OutriderError,
  { text, more = {} }: { readonly text: string; readonly more?: ErrorFacts },
): OutriderError {
  return new OutriderError(code, text, { ...cause.facts, ...more, cause });
}
