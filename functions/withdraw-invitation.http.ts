import { app } from '@azure/functions';
import { seenRevisionsOf } from '../shared/http/if-match.ts';
import { invitationView } from '../shared/http/invitation-answer.ts';
import { byOf } from '../shared/http/known-tenant-route.ts';
import { invitationIdOf, readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';

/** Takes an invitation back: its link leads nowhere from now on. */
export const withdrawInvitation = callerRoute('tenants.manage', async (request, context) => {
  const { app: outrider, caller } = context;
  const id = invitationIdOf(request.params);
  readParameters(request.query).done();
  await outrider.invitations.findFor(caller, id);
  const after = await outrider.invitations.withdraw(id, () => seenRevisionsOf(request), byOf(context));
  const view = invitationView(after, outrider.invitations.now());
  return { headers: { etag: view.etag }, jsonBody: view };
});

app.http('withdraw-invitation', {
  route: 'tenants/invitations/{invitationId}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: withdrawInvitation,
});
