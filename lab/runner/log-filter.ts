import type { LogLevel } from './worker-contract.ts';

const ORDER: readonly string[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/** Whether a line of a category (such as `Function.sync.User`) and level is written. */
export type LogFilter = (category: string, level: LogLevel) => boolean;

/**
 * The filter of host.json's `logging.logLevel`: the longest category that a line's category begins with
 * decides, else `default`, else Information.
 * https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-log-levels
 *
 * @param levels category to level, as in host.json; levels that do not exist count as Information.
 */
export function createLogFilter(levels: Readonly<Record<string, unknown>>): LogFilter {
  const rules = Object.entries(levels)
    .map(([category, level]) => ({ category: category.toLowerCase(), least: rank(level) }))
    .sort((left, right) => right.category.length - left.category.length);
  const fallback = rules.find((rule) => rule.category === 'default')?.least ?? rank('information');
  return (category, level) => {
    const lower = category.toLowerCase();
    const rule = rules.find((candidate) => lower.startsWith(candidate.category));
    return ORDER.indexOf(level) >= (rule?.least ?? fallback);
  };
}

function rank(level: unknown): number {
  const position = ORDER.indexOf(String(level).toLowerCase());
  return position < 0 ? ORDER.indexOf('information') : position;
}
