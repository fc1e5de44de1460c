import { app } from '@azure/functions';
import { invitationView } from '../shared/http/invitation-answer.ts';
import { byOf, requireInReach } from '../shared/http/known-tenant-route.ts';
import { invitationLink } from '../shared/http/onboarding-request.ts';
import { callerRoute } from '../shared/http/route.ts';
import { publicOrigin } from '../shared/public-address.ts';

/** Makes a link for a customer's admin. It is in this answer, and in no other. */
export const createInvitation = callerRoute('tenants.manage', async (request, context) => {
  const { app: outrider, caller } = context;
  const wish = await outrider.tenants.requests.invitation(request);
  requireInReach(context, caller, { id: wish.tenantId ?? '', groups: wish.facts.groups });
  if (wish.tenantId !== undefined) await outrider.tenants.requireNoPast(caller, wish.tenantId);
  const origin = publicOrigin(outrider.config);
  const { invitation, link } = await outrider.invitations.create(wish, byOf(context));
  const view = invitationView(invitation, invitation.createdMs);
  const location = new URL(`/api/tenants/invitations/${invitation.id}`, request.url).href;
  return {
    status: 201,
    headers: { etag: view.etag, location },
    jsonBody: { ...view, link: invitationLink(origin, link) },
  };
});

app.http('create-invitation', {
  route: 'tenants/invitations',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: createInvitation,
});
