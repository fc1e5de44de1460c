import { app } from '@azure/functions';
import { invitationView } from '../shared/http/invitation-answer.ts';
import { invitationIdOf, readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';

/** One invitation with its audit and its ETag. */
export const getInvitation = callerRoute('tenants.manage', async (request, { app: outrider, caller }) => {
  const id = invitationIdOf(request.params);
  readParameters(request.query).done();
  const view = invitationView(await outrider.invitations.findFor(caller, id), outrider.invitations.now());
  return { headers: { etag: view.etag }, jsonBody: view };
});

app.http('get-invitation', {
  route: 'tenants/invitations/{invitationId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getInvitation,
});
