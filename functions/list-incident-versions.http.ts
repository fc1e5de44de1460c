import { app } from '@azure/functions';
import { incidentIdOf, notStored } from '../shared/http/incident-answer.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantRoute } from '../shared/http/route.ts';
import { versionSummary } from '../shared/incidents/view.ts';

/** The history of an incident, newest version first. */
export const listIncidentVersions = tenantRoute(
  'incidents.read',
  async (request, { app: outrider, tenant }) => {
    readParameters(request.query).done();
    const id = incidentIdOf(request);
    const versions = await outrider.incidents.versions({ tenant: tenant.id, id });
    if (!versions) throw notStored(`Incident ${id}`, tenant.id);
    return { jsonBody: { value: versions.map(versionSummary) } };
  },
);

app.http('list-incident-versions', {
  route: 'tenants/{tenantId}/incidents/{incidentId}/versions',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: listIncidentVersions,
});
