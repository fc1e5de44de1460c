import { app } from '@azure/functions';
import { nextLink } from '../shared/http/next-link.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerRoute } from '../shared/http/route.ts';
import { listedTenant, tenantView } from '../shared/http/tenant-answer.ts';
import { pageOfTenants } from '../shared/tenants/list-tenants.ts';
import { TENANT_STATES } from '../shared/tenants/states.ts';

/** Tenants in whatever state, by their ids; of the settings and of the registry. */
export const listTenants = callerRoute('tenants.read', async (request, { app: outrider, caller }) => {
  const parameters = readParameters(request.query);
  const filter = {
    states: parameters.words('state', TENANT_STATES),
    group: parameters.text('group', 64),
  };
  const top = parameters.integer('top', { from: 1, to: 1_000, fallback: 100 });
  const token = parameters.text('continuationToken', 2_048);
  parameters.done();
  const { tenants, problems } = await outrider.tenants.allFor(caller, 'tenants.read');
  const { items, next } = pageOfTenants(tenants, listedTenant, { filter, top, token });
  return {
    jsonBody: {
      value: items.map((known) => tenantView(known, outrider.config.syncDefaults)),
      problems,
      nextLink: next && nextLink(request.url, 'continuationToken', next),
    },
  };
});

app.http('list-tenants', {
  route: 'tenants',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: listTenants,
});
