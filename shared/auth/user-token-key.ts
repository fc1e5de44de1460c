import { createHash } from 'node:crypto';
import type { Resource, Tenant, UserAssertion } from '../tenant.ts';

/** What a token in a user's name is for. */
export interface UserTokenFacts {
  readonly assertion: UserAssertion;
  readonly tenant: Pick<Tenant, 'id'>;
  readonly resource: Resource;
  readonly clientId: string;
}

/**
 * The key under which a user's token is kept: who, by which sign-in, where, for what and through which app. By the
 * sign-in, too, so that a user who has just stepped up is not answered with the token from before.
 */
export function userTokenKey({ assertion, tenant, resource, clientId }: UserTokenFacts): string {
  const user = [assertion.tenantId, assertion.objectId, digestOf(assertion.text())];
  return JSON.stringify([user, tenant.id, resource, clientId]);
}

/** The assertion itself must not stand in a key. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
