import { app } from '@azure/functions';
import { invitationView } from '../shared/http/invitation-answer.ts';
import { nextLink } from '../shared/http/next-link.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';
import { pageOfTenants } from '../shared/tenants/list-tenants.ts';
import { INVITATION_STATES, stateOf } from '../shared/tenants/onboarding/invitation.ts';

/**
 * Invitations in whatever state, by their ids. The host tries routes in the order of the functions' names: this one
 * must come before `get-tenant`, whose route it also fits.
 */
export const getInvitations = callerRoute('tenants.manage', async (request, { app: outrider, caller }) => {
  const parameters = readParameters(request.query);
  const filter = { states: parameters.words('state', INVITATION_STATES) };
  const top = parameters.integer('top', { from: 1, to: 1_000, fallback: 100 });
  const token = parameters.text('continuationToken', 2_048);
  parameters.done();
  const { invitations, problems } = await outrider.invitations.allFor(caller);
  const nowMs = outrider.invitations.now();
  const { items, next } = pageOfTenants(
    invitations,
    (invitation) => ({
      id: invitation.id,
      state: stateOf(invitation, nowMs),
      groups: invitation.facts.groups,
    }),
    { filter, top, token },
  );
  return {
    jsonBody: {
      value: items.map((invitation) => invitationView(invitation, nowMs)),
      problems,
      nextLink: next && nextLink(request.url, 'continuationToken', next),
    },
  };
});

app.http('get-invitations', {
  route: 'tenants/invitations',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getInvitations,
});
