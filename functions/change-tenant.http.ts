import { app } from '@azure/functions';
import { seenRevisionsOf } from '../shared/http/if-match.ts';
import { byOf, knownTenantRoute, requireInReach } from '../shared/http/known-tenant-route.ts';
import { tenantAnswer } from '../shared/http/tenant-answer.ts';

/** Changes a tenant's facts, suspends it or resumes it. */
export const changeTenant = knownTenantRoute('tenants.manage', async (request, context) => {
  const { app: outrider, caller, tenantId } = context;
  const { registry, requests } = outrider.tenants;
  const patch = await requests.patch(request);
  if (patch.groups) requireInReach(context, caller, { id: tenantId, groups: patch.groups });
  const record = await registry.change(tenantId, () => seenRevisionsOf(request), patch, byOf(context));
  return tenantAnswer({ source: 'registry', record }, outrider.config.syncDefaults);
});

app.http('change-tenant', {
  route: 'tenants/{tenantId}',
  methods: ['PATCH'],
  authLevel: 'anonymous',
  handler: changeTenant,
});
