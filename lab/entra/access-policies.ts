import { type DirectoryTenant, sameId } from './directory.ts';
import { withoutSlash } from './names.ts';

/** A conditional access policy, as far as it shows in answers. */
export interface AccessPolicy {
  /** GUID; named in the `claims` of the answer. */
  id: string;
  /** Refuse; ask for a second factor; ask to register for one. */
  demand: 'block' | 'mfa' | 'register';
  /** Whose sign-ins it is about; default `users`. Apps can only be refused. */
  appliesTo?: 'users' | 'apps';
  /** Audience or app id of the resource; any when missing. */
  resource?: string;
  /** Object id of the user or service principal; any when missing. */
  objectId?: string;
}

/**
 * What a service asks of a token after it was issued, by 401 with `insufficient_claims`.
 * `context`: users' tokens must show an authentication context in `acrs`. `revoked`: tokens issued before a moment
 * no longer count, for clients that say they understand it (`xms_cc` with `cp1`); those of others live on.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 * https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation
 */
export type ClaimsChallenge = ({ kind: 'context'; context: string } | { kind: 'revoked'; before: number }) & {
  /** Audience; any of Microsoft's services when missing. */
  resource?: string;
  /** Object id of the user or service principal; any when missing. */
  objectId?: string;
};

/** What a token shows that a challenge may be about. */
export interface ShownClaims {
  readonly audience: string;
  readonly objectId: string;
  readonly isUser: boolean;
  /** `acrs` */
  readonly contexts: readonly string[];
  /** `xms_cc` */
  readonly capabilities: readonly string[];
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

/** A sign-in that asks for a token. */
export interface Attempt {
  readonly by: 'users' | 'apps';
  readonly objectId: string;
  /** Every name of the resource. */
  readonly names: readonly string[];
  readonly hasSecondFactor: boolean;
}

/** The first policy that a sign-in does not meet. */
export function unmetPolicy(
  { conditionalAccess = [] }: DirectoryTenant,
  { by, objectId, names, hasSecondFactor }: Attempt,
): AccessPolicy | undefined {
  return conditionalAccess.find(({ demand, resource, appliesTo = 'users', ...policy }) => {
    if (appliesTo !== by) return false;
    if (policy.objectId !== undefined && !sameId(policy.objectId, objectId)) return false;
    if (resource !== undefined && !names.some((name) => sameId(name, withoutSlash(resource)))) return false;
    return demand === 'block' || !hasSecondFactor;
  });
}

/** The `claims` that a policy's answer carries, as JSON. */
export function policyClaims({ id }: AccessPolicy): string {
  return JSON.stringify({ access_token: { capolids: { essential: true, values: [id] } } });
}

/** The claims that a service asks for before it takes a token, as JSON; undefined when it takes it. */
export function challengeOf({ challenges = [] }: DirectoryTenant, shown: ShownClaims): string | undefined {
  for (const challenge of challenges) {
    const { resource, objectId } = challenge;
    if (resource !== undefined && !sameId(withoutSlash(resource), withoutSlash(shown.audience))) continue;
    if (objectId !== undefined && !sameId(objectId, shown.objectId)) continue;
    const claim = claimOf(challenge, shown);
    if (claim !== undefined) return JSON.stringify({ access_token: claim });
  }
  return undefined;
}

function claimOf(challenge: ClaimsChallenge, shown: ShownClaims): object | undefined {
  if (challenge.kind === 'context') {
    if (!shown.isUser || shown.contexts.includes(challenge.context)) return undefined;
    return { acrs: { essential: true, value: challenge.context } };
  }
  if (!shown.capabilities.includes('cp1') || shown.issuedAt >= challenge.before) return undefined;
  return { nbf: { essential: true, value: String(Math.floor(challenge.before / 1000)) } };
}
