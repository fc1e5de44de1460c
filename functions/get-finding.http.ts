import { app } from '@azure/functions';
import { findingAnswer, findingTenantOf } from '../shared/http/finding-answer.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';

/** One finding with its whole row, however long. */
export const getFinding = callerRoute('hunts.read', async (request, { app: outrider, caller }) => {
  const parameters = readParameters(request.query);
  const tenantId = findingTenantOf(parameters);
  const queryId = parameters.required('query', 200);
  parameters.done();
  const tenant = await outrider.tenantFor(caller, 'hunts.read', tenantId);
  const hunting = await outrider.hunting();
  const id = request.params.findingId ?? '';
  return findingAnswer(tenant.id, await hunting.scheduled.finding({ tenant: tenant.id, queryId, id }));
});

app.http('get-finding', {
  route: 'findings/{findingId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getFinding,
});
