import { app } from '@azure/functions';
import { seenRevisionsOf } from '../shared/http/if-match.ts';
import { byOf, knownTenantRoute } from '../shared/http/known-tenant-route.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantAnswer } from '../shared/http/tenant-answer.ts';

/** Takes a tenant out of service and deletes its data: 202 until that is done, asked as often as one likes. */
export const removeTenant = knownTenantRoute('tenants.manage', async (request, context) => {
  const { app: outrider, tenantId } = context;
  readParameters(request.query).done();
  const { registry } = outrider.tenants;
  const record = await registry.remove(tenantId, () => seenRevisionsOf(request), byOf(context));
  const isDone = record.removal?.doneMs !== undefined;
  const answer = tenantAnswer(
    { source: 'registry', record },
    outrider.config.syncDefaults,
    isDone ? 200 : 202,
  );
  const location = new URL(`/api/tenants/${tenantId}`, request.url).href;
  return isDone ? answer : { ...answer, headers: { ...answer.headers, location } };
});

app.http('remove-tenant', {
  route: 'tenants/{tenantId}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: removeTenant,
});
