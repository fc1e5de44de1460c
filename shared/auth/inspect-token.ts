import { isOutriderError } from '../errors.ts';
import type { Permission } from '../permissions.ts';
import { type KnownAudience, knownAudience } from './audiences.ts';
import { inspectClaims, type TokenClaims } from './token-claims.ts';

/** A call of Outrider, or a kind of calls, and what it needs of a token. */
export interface NeededByCall {
  /** `read incidents`, `GET /api/tenants` */
  readonly call: string;
  /** Any one is enough, least first. */
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** A person needs a role as well as a scope: so it is at the Outrider API. */
  readonly both?: boolean;
  /** No app can make it: it is made in the name of the person. */
  readonly usersOnly?: boolean;
}

/** Whether a token allows a call. */
export interface CallVerdict {
  readonly call: string;
  readonly allowed: boolean;
  /** The roles or scopes that are missing, the least of each; none when allowed. */
  readonly missing: readonly string[];
}

export interface TokenReport {
  readonly claims: TokenClaims;
  /** The API that it is for, where Outrider knows it. */
  readonly audience: KnownAudience | undefined;
  /** Signature, issuer and times hold; undefined where only the API can tell. */
  readonly verified: boolean | undefined;
  /** Why it does not verify. */
  readonly refusal: string | undefined;
  /** Calls that go to that API. */
  readonly calls: readonly CallVerdict[];
}

export interface InspectOptions {
  /** The one table of what calls need: shared/permissions.ts. */
  readonly permissions: readonly Permission[];
  /** Calls of the Outrider API, by its own table of routes. */
  readonly ownCalls?: readonly NeededByCall[] | undefined;
  /** Client id of the Outrider API. */
  readonly apiClientId?: string | undefined;
  /** Checks a token for the Outrider API as the API does. @throws OutriderError */
  readonly verify?: ((token: string) => Promise<unknown>) | undefined;
}

/**
 * A token in words: whose it is, what for, until when, which of Outrider's calls it allows and what each of the others
 * lacks. The token itself is in nothing that comes back.
 *
 * @throws OutriderError `request.invalid` for a text that is no token that anybody could read
 */
export async function inspectToken(token: string, options: InspectOptions): Promise<TokenReport> {
  const claims = inspectClaims(token);
  const audience =
    claims.audience === undefined ? undefined : knownAudience(claims.audience, options.apiClientId);
  const isOwn = audience?.resource === 'outrider';
  const verdict = isOwn && options.verify ? await verdictOf(token, options.verify) : {};
  const needed = isOwn ? (options.ownCalls ?? []) : neededAt(audience, options.permissions);
  return {
    claims,
    audience,
    verified: undefined,
    refusal: undefined,
    ...verdict,
    calls: needed
      .filter(({ usersOnly = false }) => !usersOnly || claims.kind === 'user')
      .map((call) => judge(call, claims)),
  };
}

async function verdictOf(
  token: string,
  verify: (token: string) => Promise<unknown>,
): Promise<Pick<TokenReport, 'verified' | 'refusal'>> {
  try {
    await verify(token);
    return { verified: true, refusal: undefined };
  } catch (error) {
    if (!isOutriderError(error, 'request.unauthenticated')) throw error;
    return { verified: false, refusal: error.message };
  }
}

function neededAt(
  audience: KnownAudience | undefined,
  permissions: readonly Permission[],
): readonly NeededByCall[] {
  return permissions
    .filter(({ resource }) => resource === audience?.resource)
    .map(({ purpose, roles, scopes }) => ({ call: purpose, roles, scopes }));
}

function judge({ call, roles, scopes, both = false }: NeededByCall, claims: TokenClaims): CallVerdict {
  const lack = (enough: readonly string[], held: readonly string[]): readonly string[] =>
    enough.length === 0 || enough.some((name) => held.includes(name)) ? [] : enough.slice(0, 1);
  const missing =
    claims.kind === 'app'
      ? lack(roles, claims.roles)
      : [...lack(scopes, claims.scopes), ...(both ? lack(roles, claims.roles) : [])];
  return { call, allowed: missing.length === 0, missing };
}
