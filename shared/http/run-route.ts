import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { isOutriderError, OutriderError } from '../errors.ts';
import { tenantOfRun } from '../hunting/run/names.ts';
import { withFields } from '../log.ts';
import type { Action } from './actions.ts';
import { callerRoute, type RouteContext } from './route.ts';

export interface RunRouteContext extends RouteContext {
  readonly tenant: string;
  readonly run: string;
}

/**
 * A route on one hunting run, whose id names its tenant. A run of a tenant that is not one of this deployment's, or that the
 * caller may not see, is as unknown as one that never was.
 */
export function runRoute(
  action: Action,
  answer: (request: HttpRequest, context: RunRouteContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return callerRoute(action, async (request, context) => {
    const { app, caller, log } = context;
    const run = request.params.runId ?? '';
    const tenant = tenantOfRun(run);
    if (tenant === undefined) throw unknownRun(run);
    await app.tenantFor(caller, action, tenant).catch((error: unknown) => {
      throw isOutriderError(error, 'tenant.unknown') ? unknownRun(run) : error;
    });
    return answer(request, { ...context, tenant, run, log: withFields(log, { tenant, run }) });
  });
}

function unknownRun(run: string): OutriderError {
  return new OutriderError(
    'request.not_found',
    `There is no hunting run "${run.slice(0, 100)}". It may be older than what is kept.`,
  );
}
