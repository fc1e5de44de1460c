import type { LogLevel } from './worker-contract.ts';

/** One thing the runner says. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** Who speaks: the runner itself, the app through its context, the library, or the app's console. */
  readonly source: 'runner' | 'app' | 'library' | 'console';
  readonly functionName?: string | undefined;
  readonly invocationId?: string | undefined;
  /** Milliseconds an invocation took, on its last line. */
  readonly ms?: number;
  readonly outcome?: 'ok' | 'failed';
  /** Stack of the error that ended an invocation. */
  readonly stack?: string | undefined;
}

export type Log = (entry: LogEntry) => void;

const SHORT_LEVELS: Readonly<Record<LogLevel, string>> = {
  trace: 'trc',
  debug: 'dbg',
  information: 'inf',
  warning: 'WRN',
  error: 'ERR',
  critical: 'CRT',
  none: '   ',
};

/**
 * Writes entries as lines: JSON objects, or text for people.
 *
 * @param now milliseconds since 1970 UTC.
 */
export function createLog(options: {
  readonly json: boolean;
  readonly now: () => number;
  write(line: string): void;
}): Log {
  return (entry) => {
    const time = new Date(options.now()).toISOString();
    options.write(`${options.json ? JSON.stringify({ time, ...entry }) : humanLine(time, entry)}\n`);
  };
}

function humanLine(time: string, entry: LogEntry): string {
  const who = [entry.functionName, entry.invocationId?.slice(0, 8)]
    .filter((part) => part !== undefined)
    .join(' ');
  const line = `${time} ${SHORT_LEVELS[entry.level]} ${who === '' ? '' : `[${who}] `}${entry.message}`;
  return entry.stack === undefined ? line : `${line}\n${entry.stack}`;
}
