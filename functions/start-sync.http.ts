import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantRoute } from '../shared/http/route.ts';
import { syncAccepted } from '../shared/http/sync-answer.ts';

/** Starts a run now. While one is under way or asked for already it is that one. */
export const startSync = tenantRoute('incidents.sync', async (request, { app: outrider, tenant }) => {
  readParameters(request.query).done();
  const run = await outrider.incidents.requestRun(tenant);
  return syncAccepted(request.url, tenant.id, run);
});

app.http('start-sync', {
  route: 'tenants/{tenantId}/incidents/sync',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: startSync,
});
