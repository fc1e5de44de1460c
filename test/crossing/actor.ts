import { AsyncLocalStorage } from 'node:async_hooks';
import type { CrossingTenant } from './tenants.ts';
import type { UserSignIn } from './users.ts';

/** In whose name code runs: a tenant's app, or a person there by one sign-in of theirs. */
export interface Actor {
  readonly of: CrossingTenant;
  readonly signIn: UserSignIn | undefined;
  /** `crossing-042`, or `person-042-2 by sign-in 3`: what a token may be kept for, no two the same. */
  readonly name: string;
}

/** In whose name the code at hand runs: whatever it sends or stores must be this actor's. */
export const actingFor = new AsyncLocalStorage<Actor>();

export const appOf = (of: CrossingTenant): Actor => ({ of, signIn: undefined, name: of.mark });

export function personIn(of: CrossingTenant, signIn: UserSignIn): Actor {
  return { of, signIn, name: `${signIn.user.mark} by sign-in ${signIn.number}` };
}

/** @throws Error when the code runs in nobody's name */
export function actorAtHand(what: string): Actor {
  const actor = actingFor.getStore();
  if (actor) return actor;
  throw new Error(`${what} in nobody’s name`);
}
