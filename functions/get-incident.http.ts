import { app } from '@azure/functions';
import { actingRoute } from '../shared/http/acting-route.ts';
import { incidentAnswer, incidentIdOf, liveIncidentAnswer, shapeOf } from '../shared/http/incident-answer.ts';

/**
 * A whole incident: in Graph's shape, or with `?as=source` exactly as the service sent it. The stored one, or in the
 * caller's own name what the service shows that user at this moment.
 */
export const getIncident = actingRoute('incidents.read', {
  read: async (request) => ({ shape: shapeOf(request), id: incidentIdOf(request) }),

  async asApp({ shape, id }, { app: outrider, tenant }) {
    const found = await outrider.incidents.get({ tenant: tenant.id, id });
    return incidentAnswer(outrider, found, { tenant: tenant.id, what: `Incident ${id}`, shape });
  },

  async asUser({ shape, id }, { app: outrider, tenant, assertion, log }) {
    const { incidents } = outrider.asUser(tenant, assertion);
    log.info('incident.read_as_user', { incident: id });
    const { incident } = await incidents.incident({ tenant: tenant.id, id });
    return liveIncidentAnswer(outrider, incident, { tenant: tenant.id, id, shape, actAs: 'user' });
  },
});

app.http('get-incident', {
  route: 'tenants/{tenantId}/incidents/{incidentId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getIncident,
});
