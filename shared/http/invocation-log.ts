import type { InvocationContext } from '@azure/functions';
import type { Log, LogFields } from '../log.ts';

/**
 * Log events as one JSON line each, on the invocation they belong to. The invocation's id is the correlation id
 * unless the caller of a route sent another.
 */
export function invocationLog(context: InvocationContext): Log {
  const line = (event: string, fields: LogFields | undefined): string =>
    JSON.stringify({ event, correlationId: context.invocationId, ...fields });
  return {
    info: (event, fields) => context.info(line(event, fields)),
    warn: (event, fields) => context.warn(line(event, fields)),
    error: (event, fields) => context.error(line(event, fields)),
  };
}
