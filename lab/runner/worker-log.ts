import type { Log } from './log.ts';
import { createLogFilter } from './log-filter.ts';
import type { AppLog } from './worker-contract.ts';

/**
 * Takes what the app and the library log through the worker to the runner's log, filtered by host.json.
 *
 * @param levels `logging.logLevel` of host.json.
 */
export function createWorkerLog(log: Log, levels: Readonly<Record<string, unknown>>): (line: AppLog) => void {
  const isWritten = createLogFilter(levels);
  return (line) => {
    if (!isWritten(categoryOf(line), line.level)) return;
    const { category, ...rest } = line;
    log({ ...rest, source: category === 'system' ? 'library' : 'app' });
  };
}

/** As the host names the categories of what a worker logs. */
function categoryOf(line: AppLog): string {
  if (line.functionName === undefined) return 'Worker';
  return line.category === 'system' ? `Function.${line.functionName}` : `Function.${line.functionName}.User`;
}
