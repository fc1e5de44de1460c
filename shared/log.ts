/** What a log event may carry. Never a token, a secret, a user name or a query's text. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Structured log events. The function adapter adds correlation id and invocation id; every event of a run names
 * tenant and run. Run and audit events are never sampled (host.json).
 */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A log whose every event also carries `fixed`. */
export function withFields(log: Log, fixed: LogFields): Log {
  return {
    info: (event, fields) => log.info(event, { ...fixed, ...fields }),
    warn: (event, fields) => log.warn(event, { ...fixed, ...fields }),
    error: (event, fields) => log.error(event, { ...fixed, ...fields }),
  };
}
