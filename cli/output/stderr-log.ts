import type { Log, LogFields } from '../../shared/log.ts';

/** The log of a command: what is wrong, one line each on stderr; what is only of interest to a running app is left out. */
export function createStderrLog(stream: Pick<NodeJS.WriteStream, 'write'> = process.stderr): Log {
  const write = (event: string, fields: LogFields = {}): void =>
    void stream.write(`${event} ${JSON.stringify(fields)}\n`);
  return { info: () => {}, warn: write, error: write };
}
