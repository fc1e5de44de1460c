import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantRoute } from '../shared/http/route.ts';
import { syncAccepted } from '../shared/http/sync-answer.ts';

/** The state of a tenant's sync; asked with a run's id, 202 until that run has ended. */
export const getSyncStatus = tenantRoute('incidents.read', async (request, { app: outrider, tenant }) => {
  const parameters = readParameters(request.query);
  const run = parameters.text('run', 64);
  parameters.done();
  const status = await outrider.incidents.status(tenant);
  if (run !== undefined && status.run === run) return syncAccepted(request.url, tenant.id, run);
  return { jsonBody: status };
});

app.http('get-sync-status', {
  route: 'tenants/{tenantId}/sync',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getSyncStatus,
});
