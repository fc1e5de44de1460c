import type { CrossingTenant } from './tenants.ts';

/** A person in one tenant: whatever is done or shown in their name carries their mark. */
export interface CrossingUser {
  /** `person-042-2` */
  readonly mark: string;
  readonly tenantId: string;
  /** Object id in the tenant. The first person's is the same in all tenants: nothing but the tenant tells them apart. */
  readonly id: string;
  readonly userPrincipalName: string;
  /** The person's object id at home, where they are but a guest. */
  readonly guestOf: string | undefined;
  /** Defender asks this person for more than a plain sign-in shows. */
  readonly mustStepUp: boolean;
}

/** One sign-in of a person: what their client sends to the Outrider API. */
export interface UserSignIn {
  readonly user: CrossingUser;
  /** Counts all sign-ins of the play. */
  readonly number: number;
  readonly assertion: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const USERS_PER_TENANT = 4;
/** The authentication context that those who must step up are asked for. */
export const CONTEXT = 'c7';

const OF_EVERY_TENANT = 1;
const GUEST = 4;
const STEP_UP_EVERY = 5;

/** The last one is at home in the next tenant, and a guest here. */
export function usersOf({ number, tenant }: CrossingTenant): readonly CrossingUser[] {
  return Array.from({ length: USERS_PER_TENANT }, (_, index) => {
    const nth = index + 1;
    const mark = `person-${digitsOf(number)}-${nth}`;
    return {
      mark,
      tenantId: tenant.id,
      id: objectId(nth === OF_EVERY_TENANT ? 0 : number, nth),
      userPrincipalName: `${mark}@crossing-${digitsOf(number)}.example`,
      guestOf: nth === GUEST ? objectId(number + 1, 2) : undefined,
      mustStepUp: (number + nth) % STEP_UP_EVERY === 0,
    };
  });
}

/** Persons in a text that are not this one. */
export function othersIn(text: string, { mark }: CrossingUser): string[] {
  return [...new Set(text.match(/person-\d{3}-\d/g))].filter((name) => name !== mark);
}

const digitsOf = (number: number): string => String(number).padStart(3, '0');

const objectId = (tenant: number, nth: number): string =>
  `20000000-0000-4000-8000-000000${digitsOf(tenant)}00${nth}`;
