import { app } from '@azure/functions';
import { knownTenantRoute } from '../shared/http/known-tenant-route.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantAnswer } from '../shared/http/tenant-answer.ts';

/** One tenant in whatever state, with its ETag. */
export const getTenant = knownTenantRoute('tenants.read', async (request, { app: outrider, known }) => {
  readParameters(request.query).done();
  return tenantAnswer(known, outrider.config.syncDefaults);
});

app.http('get-tenant', {
  route: 'tenants/{tenantId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getTenant,
});
