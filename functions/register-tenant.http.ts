import { app } from '@azure/functions';
import { byOf, requireInReach } from '../shared/http/known-tenant-route.ts';
import { callerRoute } from '../shared/http/route.ts';
import { tenantAnswer } from '../shared/http/tenant-answer.ts';

/** Registers a tenant, or one that was removed again. An active one is synced at once. */
export const registerTenant = callerRoute('tenants.manage', async (request, context) => {
  const { app: outrider, caller } = context;
  const registration = await outrider.tenants.requests.registration(request);
  requireInReach(context, caller, { id: registration.id, groups: registration.groups ?? [] });
  await outrider.tenants.requireNoPast(caller, registration.id);
  const record = await outrider.tenants.registry.register(registration, byOf(context));
  const answer = tenantAnswer({ source: 'registry', record }, outrider.config.syncDefaults, 201);
  const location = new URL(`/api/tenants/${record.id}`, request.url).href;
  return { ...answer, headers: { ...answer.headers, location } };
});

app.http('register-tenant', {
  route: 'tenants',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: registerTenant,
});
