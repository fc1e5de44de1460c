import { app } from '@azure/functions';
import { nextLink } from '../shared/http/next-link.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { tenantRoute } from '../shared/http/route.ts';
import { incidentSummary } from '../shared/incidents/view.ts';

const STATUSES = ['active', 'inProgress', 'awaitingAction', 'resolved', 'redirected', 'unknownFutureValue'];
const SEVERITIES = ['unknown', 'informational', 'low', 'medium', 'high', 'unknownFutureValue'];

/** Stored incidents of a tenant, newest last update first. */
export const listIncidents = tenantRoute('incidents.read', async (request, { app: outrider, tenant }) => {
  const parameters = readParameters(request.query);
  const filter = {
    status: parameters.words('status', STATUSES),
    severity: parameters.words('severity', SEVERITIES),
    assignedTo: parameters.text('assignedTo', 256),
    updatedSince: parameters.time('updatedSince'),
  };
  const top = parameters.integer('top', { from: 1, to: 200, fallback: 50 });
  const token = parameters.text('continuationToken', 2_048);
  parameters.done();
  const { items, next } = await outrider.incidents.list({ tenant: tenant.id, filter, top, token });
  const value = items.map((record) => incidentSummary(record, tenant.id));
  return {
    jsonBody:
      next === undefined ? { value } : { value, nextLink: nextLink(request.url, 'continuationToken', next) },
  };
});

app.http('list-incidents', {
  route: 'tenants/{tenantId}/incidents',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: listIncidents,
});
