import { app } from '@azure/functions';
import { readParameters } from '../shared/http/parameters.ts';
import { callerOf, guarded } from '../shared/http/route.ts';

/** Is this deployment well? Anybody sees the bare word; what is wrong is for callers with a role. */
export const getHealth = guarded(async (request, { app: outrider }) => {
  const health = await outrider.health();
  const status = health.status === 'ok' ? 200 : 503;
  if (!request.headers.get('authorization')) return { status, jsonBody: { status: health.status } };
  const caller = await callerOf(request, outrider);
  if (caller.roles.length === 0) outrider.authorize(caller, 'incidents.read', undefined);
  readParameters(request.query).done();
  return { status, jsonBody: health };
});

app.http('get-health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler: getHealth });
