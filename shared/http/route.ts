import { randomUUID } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Outrider } from '../app.ts';
import type { Caller } from '../caller.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import { type Log, withFields } from '../log.ts';
import type { Tenant } from '../tenant.ts';
import { refuseActAs } from './act-as.ts';
import type { Action } from './actions.ts';
import { invocationLog } from './invocation-log.ts';
import { loadApp } from './load-app.ts';
import { tenantIdOf } from './parameters.ts';
import { problemOf, statusOfCode } from './problem.ts';

/** What a route's own code gets. */
export interface RouteContext {
  readonly app: Outrider;
  readonly caller: Caller;
  readonly log: Log;
}

export interface TenantRouteContext extends RouteContext {
  readonly tenant: Tenant;
}

/**
 * A route on one tenant's data: nothing happens before the caller's token is checked, the caller is allowed the
 * action, and the tenant is known; in this order, so that a stranger learns nothing. Every error is answered as
 * application/problem+json with the correlation id that the log has too.
 */
export function tenantRoute(
  action: Action,
  answer: (request: HttpRequest, context: TenantRouteContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return callerRoute(action, async (request, { app, caller, log }) => {
    const tenant = await app.tenantFor(caller, action, tenantIdOf(request.params));
    return answer(request, { app, caller, tenant, log: withFields(log, { tenant: tenant.id }) });
  });
}

/** A route on what is no single tenant's: nothing happens before the caller is known and allowed the action. */
export function callerRoute(
  action: Action,
  answer: (request: HttpRequest, context: RouteContext) => Promise<HttpResponseInit>,
): HttpHandler {
  return guarded(async (request, { app, log }) => {
    const caller = await callerOf(request, app);
    app.authorize(caller, action, undefined);
    refuseActAs(request);
    return answer(request, { app, caller, log: withFields(log, { caller: caller.objectId }) });
  });
}

/**
 * The verified caller of a request. Where the configuration does not allow to verify anybody, a stranger is not told
 * what is wrong with it: the log is.
 *
 * @throws OutriderError `request.unauthenticated`, `auth.unavailable`, `config.invalid`
 */
export async function callerOf(request: HttpRequest, app: Outrider): Promise<Caller> {
  try {
    return await app.authenticate(request.headers.get('authorization'));
  } catch (error) {
    if (!isOutriderError(error, 'config.invalid')) throw error;
    throw new OutriderError(
      'config.invalid',
      'No caller can be checked, because the settings of the Outrider API are wrong or missing. The log and `outrider doctor` say which.',
      { cause: error },
    );
  }
}

/**
 * A route that decides for itself what a caller without a token may see: health, and the page for invitations.
 *
 * @param refusal how an error is answered; default application/problem+json
 */
export function guarded(
  answer: (request: HttpRequest, context: Pick<RouteContext, 'app' | 'log'>) => Promise<HttpResponseInit>,
  refusal: (error: unknown, correlationId: string) => HttpResponseInit = problemOf,
): HttpHandler {
  return async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
    const correlationId = correlationOf(request);
    const log = withFields(invocationLog(context), { correlationId });
    const headers = { 'x-correlation-id': correlationId, 'cache-control': 'no-store' };
    try {
      const { app } = await loadApp();
      const response = await answer(request, { app, log });
      return { ...response, headers: { ...headers, ...response.headers } };
    } catch (error) {
      logFailure(log, error);
      const refused = refusal(error, correlationId);
      return { ...refused, headers: { ...headers, ...refused.headers } };
    }
  };
}

/** The caller's own correlation id when it sent a sound one, so that both logs can be joined. */
function correlationOf(request: HttpRequest): string {
  const sent = request.headers.get('x-correlation-id') ?? request.headers.get('x-ms-client-request-id') ?? '';
  return /^[A-Za-z0-9-]{8,64}$/.test(sent) ? sent : randomUUID();
}

function logFailure(log: Log, error: unknown): void {
  if (isOutriderError(error) && statusOfCode(error.code) < 500) {
    log.info('http.refused', { code: error.code });
    return;
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  log.error('http.failed', {
    code: isOutriderError(error) ? error.code : 'internal',
    text: error instanceof Error ? error.message : 'not an Error',
    cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined,
    stack: isOutriderError(error) || !(error instanceof Error) ? undefined : error.stack,
  });
}
