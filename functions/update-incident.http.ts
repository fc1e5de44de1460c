import { app } from '@azure/functions';
import { actAsOfBody } from '../shared/http/act-as.ts';
import { actingRoute } from '../shared/http/acting-route.ts';
import { readFields } from '../shared/http/body.ts';
import { incidentIdOf, liveIncidentAnswer, shapeOf } from '../shared/http/incident-answer.ts';
import { readIncidentChange } from '../shared/http/incident-change.ts';

/** Changes an incident at the service, in Outrider's name or the caller's own, and has it synced. */
export const updateIncident = actingRoute('incidents.update', {
  async read(request, { allow }) {
    const place = { shape: shapeOf(request), id: incidentIdOf(request) };
    const fields = await readFields(request);
    await allow(actAsOfBody(fields));
    return { ...place, change: readIncidentChange(fields) };
  },

  async asApp({ shape, id, change }, { app: outrider, tenant, log }) {
    const incident = await outrider.incidents.update(log, { tenant, id, change });
    return liveIncidentAnswer(outrider, incident, { tenant: tenant.id, id, shape, actAs: 'app' });
  },

  async asUser({ shape, id, change }, { app: outrider, tenant, assertion, log }) {
    const incident = await outrider.incidents.update(log, { tenant, id, change, assertion });
    return liveIncidentAnswer(outrider, incident, { tenant: tenant.id, id, shape, actAs: 'user' });
  },
});

app.http('update-incident', {
  route: 'tenants/{tenantId}/incidents/{incidentId}',
  methods: ['PATCH'],
  authLevel: 'anonymous',
  handler: updateIncident,
});
