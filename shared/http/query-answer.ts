import type { CheckedQuery } from '../hunting/ask/checked-library.ts';
import type { LibraryProblem } from '../hunting/library/problem.ts';
import type { HuntingQuery } from '../hunting/query.ts';

/** A query of the library in a list: without its text and long words. */
export function querySummary({ query, check }: CheckedQuery): Record<string, unknown> {
  const { id, name, description, platform, severity, tactics, techniques, tags, version } = query;
  const { schedule, enabled, tenants, parameters, keys, notRunnable } = query;
  const { ok, errors, warnings } = check;
  return {
    id,
    name,
    description,
    platform,
    severity,
    tactics,
    techniques,
    tags,
    version,
    schedule,
    enabled,
    tenants,
    parameters,
    keys,
    notRunnable,
    file: fileOf(query),
    check: { ok, errors, warnings },
  };
}

/** The whole query and all that the check says of it; places in the text. */
export function queryView({ query, check }: CheckedQuery): Record<string, unknown> {
  const { source: _source, ...rest } = query;
  return { ...rest, file: fileOf(query), check };
}

/** What is wrong in the library's files. */
export function problemView(problem: LibraryProblem): LibraryProblem {
  return { ...problem, file: withoutFolder(problem.file) };
}

const fileOf = ({ source }: HuntingQuery): string => withoutFolder(source.file);

/** The file's name without where it stands on this machine. */
const withoutFolder = (file: string): string => file.replace(/^.*\/queries\//, '');
