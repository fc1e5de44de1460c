import { app } from '@azure/functions';
import { refuseActAs } from '../shared/http/act-as.ts';
import { readParameters } from '../shared/http/parameters.ts';
import { callerOf, guarded } from '../shared/http/route.ts';

/** Is this deployment well? Anybody sees the bare word; what is wrong is for callers with a role who see all tenants. */
export const getHealth = guarded(async (request, { app: outrider }) => {
  refuseActAs(request);
  const health = await outrider.health();
  const status = health.status === 'ok' ? 200 : 503;
  const bare = { status, jsonBody: { status: health.status } };
  if (!request.headers.get('authorization')) return bare;
  const caller = await callerOf(request, outrider);
  outrider.authorizeAny(caller);
  readParameters(request.query).done();
  return outrider.seesAll(caller) ? { status, jsonBody: health } : bare;
});

app.http('get-health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler: getHealth });
