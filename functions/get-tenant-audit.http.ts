import { app } from '@azure/functions';
import { knownTenantRoute } from '../shared/http/known-tenant-route.ts';
import { nextLink } from '../shared/http/next-link.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { auditView } from '../shared/http/tenant-answer.ts';

/** Who changed what of a tenant, and when; kept when the tenant is removed. */
export const getTenantAudit = knownTenantRoute(
  'tenants.read',
  async (request, { app: outrider, tenantId }) => {
    const parameters = readParameters(request.query);
    const top = parameters.integer('top', { from: 1, to: 200, fallback: 50 });
    const after = parameters.integer('after', { from: 1, to: 999_999_999, fallback: 0 });
    parameters.done();
    const before = after === 0 ? undefined : after;
    const { entries, more } = await outrider.tenants.registry.audit(tenantId, { before, top });
    const last = entries.at(-1);
    const next = more && last ? nextLink(request.url, 'after', String(last.revision)) : undefined;
    return { jsonBody: { value: entries.map(auditView), nextLink: next } };
  },
);

app.http('get-tenant-audit', {
  route: 'tenants/{tenantId}/audit',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: getTenantAudit,
});
