import type { InvocationContext } from '@azure/functions';
import type { Log, LogFields } from '../log.ts';

/** Log events as one JSON line each, on the invocation they belong to. */
export function invocationLog(context: InvocationContext): Log {
  const line = (event: string, fields: LogFields | undefined): string =>
    JSON.stringify({ event, ...fields, invocation: context.invocationId });
  return {
    info: (event, fields) => context.info(line(event, fields)),
    warn: (event, fields) => context.warn(line(event, fields)),
    error: (event, fields) => context.error(line(event, fields)),
  };
}
