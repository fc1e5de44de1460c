import { randomUUID } from 'node:crypto';
import type { LabAnswer } from '../service.ts';

/** An error of the sign-in service, before it becomes an answer. */
export interface AadstsProblem {
  /** The number behind `AADSTS`: what a client may classify by. */
  readonly number: number;
  /** HTTP status. */
  readonly status: number;
  /** OAuth error: `invalid_client`, `invalid_request` … */
  readonly error: string;
  /** What the service says, without the `AADSTS…: ` in front and the ids behind it. */
  readonly text: string;
  readonly suberror?: string;
  /** What the client must ask for when it signs the user in again, as JSON. */
  readonly claims?: string;
}

export interface AadstsContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Sign-in host, for `error_uri`; default login.microsoftonline.com. */
  readonly host?: string;
  /** The client's `client-request-id`; made up when missing. */
  readonly correlationId?: string | undefined;
}

/** Thrown by the steps of a request and answered in one place. */
export class AadstsError extends Error {
  readonly problem: AadstsProblem;

  constructor(problem: AadstsProblem) {
    super(`AADSTS${problem.number}: ${problem.text}`);
    this.name = 'AadstsError';
    this.problem = problem;
  }
}

/**
 * An error answer in the service's form; also good as the body of a fault rule.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
 */
export function aadstsAnswer(problem: AadstsProblem, context: AadstsContext): LabAnswer {
  const { number, status, error, text, suberror, claims } = problem;
  const traceId = randomUUID();
  const correlationId = context.correlationId ?? randomUUID();
  const timestamp = aadstsTime(context.now);
  return {
    status,
    headers: { ...NOT_STORED, 'x-ms-request-id': traceId },
    body: {
      error,
      error_description: `AADSTS${number}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://${context.host ?? 'login.microsoftonline.com'}/error?code=${number}`,
      ...(suberror === undefined ? {} : { suberror }),
      ...(claims === undefined ? {} : { claims }),
    },
  };
}

/** Headers of every answer that may hold a secret. */
export const NOT_STORED: Readonly<Record<string, string>> = {
  'cache-control': 'no-store, no-cache',
  pragma: 'no-cache',
  expires: '-1',
};

/** `2026-11-21 13:50:00Z`, the form of timestamps in errors. */
export function aadstsTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
