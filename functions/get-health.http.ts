import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { guarded } from '../shared/http/route.ts';

/** Is this deployment well? Anybody sees the bare word; what is wrong is for callers with a role. */
export const getHealth = guarded(async (request, { app: outrider }) => {
  readParameters(request.query).done();
  const health = await outrider.health();
  const status = health.status === 'ok' ? 200 : 503;
  const authorization = request.headers.get('authorization');
  if (!authorization) return { status, jsonBody: { status: health.status } };
  const caller = await outrider.authenticate(authorization);
  if (caller.roles.length === 0) outrider.authorize(caller, 'incidents.read', undefined);
  return { status, jsonBody: health };
});

app.http('get-health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler: getHealth });
