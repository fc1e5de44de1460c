import { app } from '@azure/functions';
import { incidentAnswer, incidentIdOf, shapeOf } from '../shared/http/incident-answer.ts';
import { tenantRoute } from '../shared/http/route.ts';

/** A whole stored incident: in Graph's shape, or with `?as=source` exactly as the service sent it. */
export const getIncident = tenantRoute('incidents.read', async (request, { app: outrider, tenant }) => {
  const shape = shapeOf(request);
  const id = incidentIdOf(request);
  const found = await outrider.incidents.get({ tenant: tenant.id, id });
  return incidentAnswer(outrider, found, { tenant: tenant.id, what: `Incident ${id}`, shape });
});

app.http('get-incident', {
  route: 'tenants/{tenantId}/incidents/{incidentId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getIncident,
});
