import { spanOf } from '../../../shared/hunting/library/spans.ts';
import type { HuntingQuery, ParameterDeclaration } from '../../../shared/hunting/query.ts';

/** A schedule in a few words: `every PT1H`, `0 0 8 * * * Europe/Berlin`, `on demand`. */
export function scheduleWords({ schedule, enabled }: HuntingQuery): string {
  if (!schedule) return 'on demand';
  const { every, timeZone } = schedule;
  const words = 'cron' in every ? `${every.cron} ${timeZone}` : `every ${spanOf(every.minutes)}`;
  return enabled ? words : `${words} (off)`;
}

/** A parameter in a few words: `LeastFiles: long = 200, at least 1`. */
export function parameterWords(parameter: ParameterDeclaration): string {
  const { name, type, list, required, allowed, pattern, min, max } = parameter;
  const kind = `${name}: ${list ? `list of ${type}` : type}`;
  const preset = parameter.default === undefined ? '' : ` = ${JSON.stringify(parameter.default)}`;
  const rules = [
    required ? 'required' : undefined,
    allowed && `one of ${allowed.join(', ')}`,
    pattern === undefined ? undefined : `matches ${pattern}`,
    min === undefined ? undefined : `at least ${String(min)}`,
    max === undefined ? undefined : `at most ${String(max)}`,
  ];
  return [`${kind}${preset}`, ...rules.filter((rule) => rule !== undefined)].join(', ');
}

/** A query for programs: everything but the place of each line. */
export function queryForPrograms({ source, ...query }: HuntingQuery): unknown {
  return { ...query, source: { file: source.file, line: source.lines[0]?.line ?? 1, format: source.format } };
}
