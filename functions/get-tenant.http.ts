import { app } from '@azure/functions';
import { knownTenantRoute } from '../shared/http/known-tenant-route.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { lastPreflightView } from '../shared/http/preflight-answer.ts';
import { tenantAnswer } from '../shared/http/tenant-answer.ts';

/** One tenant in whatever state, with its ETag, and how it stood when somebody last looked. */
export const getTenant = knownTenantRoute('tenants.read', async (request, { app: outrider, known }) => {
  readParameters(request.query).done();
  const { jsonBody, ...answer } = tenantAnswer(known, outrider.config.syncDefaults);
  const last = await outrider.preflights.last(known.source === 'registry' ? known.record : known.tenant);
  return { ...answer, jsonBody: { ...jsonBody, lastPreflight: last && lastPreflightView(last) } };
});

app.http('get-tenant', {
  route: 'tenants/{tenantId}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getTenant,
});
