import { app } from '@azure/functions';
import { findingsAnswer, findingTenantOf } from '../shared/http/finding-answer.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';

const STATES = ['open', 'ended', 'all'] as const;

/** Findings of scheduled queries in a tenant, found last first. */
export const listFindings = callerRoute('hunts.read', async (request, { app: outrider, caller }) => {
  const parameters = readParameters(request.query);
  const tenantId = findingTenantOf(parameters);
  const queryId = parameters.text('query', 200);
  const state = parameters.word('state', STATES, 'all');
  const since = parameters.time('since');
  const top = parameters.integer('top', { from: 1, to: 200, fallback: 50 });
  const token = parameters.text('continuationToken', 2_048);
  parameters.done();
  const tenant = await outrider.tenantFor(caller, 'hunts.read', tenantId);
  const hunting = await outrider.hunting();
  const filter = { queryId, state: state === 'all' ? undefined : state, since };
  const list = await hunting.scheduled.findings({ tenant: tenant.id, ...filter, top, token });
  return findingsAnswer(tenant.id, list, request.url);
});

app.http('list-findings', {
  route: 'findings',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: listFindings,
});
