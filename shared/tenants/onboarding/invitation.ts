import type { Actor, TenantFacts } from '../record.ts';

/**
 * Where an invitation stands.
 *
 * - `invited`: its link can be used
 * - `used`: a tenant was connected by it
 * - `expired`, `withdrawn`: it was not, and cannot be any more
 */
export const INVITATION_STATES = ['invited', 'used', 'expired', 'withdrawn'] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

/** What happened with a link. */
const INVITATION_EVENTS = [
  'created',
  'withdrawn',
  /** The admin said no on the consent page. */
  'consent_refused',
  /** The consent page came back with another error. */
  'consent_failed',
  'other_tenant',
  /** A tenant that is in the registry or the settings and may not be connected by this link. */
  'tenant_taken',
  /** No token could be had for the tenant that was named. */
  'unconfirmed',
  /** A token was issued and lacks roles: the tenant is consented. */
  'roles_missing',
  'connected',
  'opened_used',
  'opened_expired',
  'opened_withdrawn',
] as const;
export type InvitationEventKind = (typeof INVITATION_EVENTS)[number];

/** One line of an invitation's audit. */
export interface InvitationEvent {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly what: InvitationEventKind;
  /** The tenant that the consent page named; of `connected` and `roles_missing`: whose token was read. */
  readonly tenantId?: string | undefined;
  /** Code of an error, names of roles. */
  readonly detail?: string | undefined;
  /** Undefined: the browser that had the link. */
  readonly by?: Actor | undefined;
}

/** The tenant that an invitation is being used for, or was. */
export interface InvitationUse {
  readonly tenantId: string;
  readonly atMs: number;
  /** When the tenant became active; until then the same browser may go on, with the same tenant. */
  readonly doneMs?: number | undefined;
}

/** What the tenant is registered with. */
export type InvitationFacts = Omit<TenantFacts, 'name'> & { readonly name?: string | undefined };

/** An invitation as it is stored. Times in milliseconds since 1970 UTC. */
export interface Invitation {
  readonly id: string;
  /** Grows by one with each change: the ETag that callers see. */
  readonly revision: number;
  /** The only tenant that may be connected by it; undefined: any that is not known yet. */
  readonly tenantId?: string | undefined;
  readonly facts: InvitationFacts;
  /** Who invites, as the admin is to read it. */
  readonly from?: string | undefined;
  /** For the team alone. */
  readonly note?: string | undefined;
  /** SHA-256 of the link's secret, in hexadecimal. */
  readonly secretHash: string;
  /** SHA-256 of the key that browsers with the link are given. */
  readonly browserHash: string;
  readonly createdMs: number;
  readonly createdBy: Actor;
  readonly expiresMs: number;
  readonly withdrawnMs?: number | undefined;
  readonly use?: InvitationUse | undefined;
  /** Oldest first. */
  readonly events: readonly InvitationEvent[];
}

export function stateOf(
  { use, withdrawnMs, expiresMs }: Pick<Invitation, 'use' | 'withdrawnMs' | 'expiresMs'>,
  nowMs: number,
): InvitationState {
  if (use?.doneMs !== undefined) return 'used';
  if (withdrawnMs !== undefined) return 'withdrawn';
  return nowMs >= expiresMs ? 'expired' : 'invited';
}

/** Whoever has the link may try so often; after that nothing more is written, and nothing asked of anybody. */
export const MOST_EVENTS = 60;

export function withEvent(invitation: Invitation, event: InvitationEvent): Invitation {
  return { ...invitation, events: [...invitation.events, event] };
}
