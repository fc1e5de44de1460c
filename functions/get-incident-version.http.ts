import { app } from '@azure/functions';
import { incidentAnswer, incidentIdOf, shapeOf } from '../shared/http/incident-answer.ts';
import { tenantRoute } from '../shared/http/route.ts';

/** One version of an incident, whole. */
export const getIncidentVersion = tenantRoute(
  'incidents.read',
  async (request, { app: outrider, tenant }) => {
    const shape = shapeOf(request);
    const id = incidentIdOf(request);
    const version = request.params.version ?? '';
    const found = await outrider.incidents.version({ tenant: tenant.id, id }, version);
    return incidentAnswer(outrider, found, {
      tenant: tenant.id,
      what: `Version ${version} of incident ${id}`,
      shape,
    });
  },
);

app.http('get-incident-version', {
  route: 'tenants/{tenantId}/incidents/{incidentId}/versions/{version}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getIncidentVersion,
});
