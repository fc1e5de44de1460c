import type { Invitation } from '../tenants/onboarding/invitation.ts';
import { stateOf } from '../tenants/onboarding/invitation.ts';
import { etagOf } from './if-match.ts';
import { isoTime } from './iso-time.ts';

/** An invitation as callers see it: neither its link nor what that could be guessed from. */
export function invitationView(invitation: Invitation, nowMs: number) {
  const { id, revision, tenantId, facts, from, note, createdMs, createdBy, expiresMs, use } = invitation;
  return {
    invitationId: id,
    state: stateOf(invitation, nowMs),
    tenantId,
    ...facts,
    from,
    note,
    createdAt: isoTime(createdMs),
    createdBy,
    expiresAt: isoTime(expiresMs),
    withdrawnAt: isoTime(invitation.withdrawnMs),
    use: use && {
      tenantId: use.tenantId,
      startedAt: isoTime(use.atMs),
      done: use.doneMs !== undefined,
      doneAt: isoTime(use.doneMs),
    },
    events: invitation.events.map(({ atMs, what, tenantId: tenant, detail, by }) => ({
      at: isoTime(atMs),
      what,
      tenantId: tenant,
      detail,
      by,
    })),
    etag: etagOf(revision),
  };
}
