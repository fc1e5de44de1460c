import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { preflightView } from '../shared/http/preflight-answer.ts';
import { tenantRoute } from '../shared/http/route.ts';

/** How a tenant stands to each capability, looked at now, and what is to be done where it is not well. */
export const getPreflight = tenantRoute('tenants.read', async (request, { app: outrider, tenant }) => {
  readParameters(request.query).done();
  return { jsonBody: preflightView(await outrider.preflights.checkAndKeep(tenant)) };
});

app.http('get-preflight', {
  route: 'tenants/{tenantId}/preflight',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getPreflight,
});
