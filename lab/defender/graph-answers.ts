import type { LabAnswer, LabClock, LabRequest, Verdict } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import { FilterError } from './filter-tokens.ts';
import { QueryError } from './query.ts';
import type { Random } from './random.ts';

const JSON_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

const TOKEN_FAULTS: Readonly<Record<Exclude<Verdict, { ok: true }>['reason'], string>> = {
  missing: 'Access token is empty.',
  malformed: 'The access token is not well formed.',
  signature: 'Access token validation failure. Invalid signature.',
  expired: 'Lifetime validation failed, the token is expired.',
  audience: 'Access token validation failure. Invalid audience.',
  issuer: 'Access token validation failure. Invalid issuer.',
};

/** The ids that Graph puts on an answer, and the moment it was made. */
export interface Trace {
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly at: number;
}

/** @returns ids for one request; the client's own id comes back to it */
export function startTrace(request: LabRequest, clock: LabClock, random: Random): Trace {
  const requestId = random.uuid();
  return {
    requestId,
    clientRequestId: request.headers['client-request-id'] ?? requestId,
    at: clock.now(),
  };
}

export function jsonAnswer(
  trace: Trace,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): LabAnswer {
  return { status: 200, headers: { ...traceHeaders(trace), 'content-type': JSON_TYPE, ...headers }, body };
}

export function textAnswer(trace: Trace, body: string): LabAnswer {
  return { status: 200, headers: { ...traceHeaders(trace), 'content-type': 'text/plain' }, body };
}

/** Graph's error body (https://learn.microsoft.com/graph/errors). Anything but a request's own fault is thrown on. */
export function faultAnswer(trace: Trace, cause: unknown): LabAnswer {
  const fault = asFault(cause);
  const body = {
    error: {
      code: fault.code,
      message: fault.message,
      innerError: {
        date: new Date(trace.at).toISOString().slice(0, 19),
        'request-id': trace.requestId,
        'client-request-id': trace.clientRequestId,
      },
    },
  };
  return {
    status: fault.status,
    headers: { ...traceHeaders(trace), 'content-type': 'application/json', ...fault.headers },
    body: JSON.stringify(body),
  };
}

export function tokenFault(reason: keyof typeof TOKEN_FAULTS): ApiFault {
  return new ApiFault(401, 'InvalidAuthenticationToken', TOKEN_FAULTS[reason], {
    'www-authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
  });
}

function asFault(cause: unknown): ApiFault {
  if (cause instanceof ApiFault) return cause;
  if (cause instanceof QueryError || cause instanceof FilterError) {
    return new ApiFault(400, 'BadRequest', cause.message);
  }
  throw cause;
}

const traceHeaders = (trace: Trace): Record<string, string> => ({
  date: new Date(trace.at).toUTCString(),
  'request-id': trace.requestId,
  'client-request-id': trace.clientRequestId,
});
