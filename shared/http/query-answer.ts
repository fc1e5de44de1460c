import type { Outrider } from '../app.ts';
import type { TenantSchedule } from '../app-hunting.ts';
import type { Caller } from '../caller.ts';
import type { CheckedQuery } from '../hunting/ask/checked-library.ts';
import type { LibraryProblem } from '../hunting/library/problem.ts';
import type { HuntingQuery } from '../hunting/query.ts';
import type { Tenant } from '../tenant.ts';
import { isoTime } from './iso-time.ts';

/** Tenants of which a caller may be told. */
export interface Visible {
  readonly tenants: readonly Tenant[];
  /** They are all that there are. */
  readonly all: boolean;
}

export async function visibleTo(
  { visibleTenants, seesAll }: Pick<Outrider, 'visibleTenants' | 'seesAll'>,
  caller: Caller,
): Promise<Visible> {
  return { tenants: await visibleTenants(caller, 'hunts.read'), all: seesAll(caller) };
}

/** The tenants that a query is for, less those that the caller may not see. */
function shownTenants({ tenants: words }: HuntingQuery, { tenants, all }: Visible): HuntingQuery['tenants'] {
  if (all || words === undefined) return words;
  const known = new Set(tenants.flatMap(({ id, name }) => [id, name.toLowerCase()]));
  return words.filter((word) => known.has(word.toLowerCase()));
}

/** A query of the library in a list: without its text and long words. */
export function querySummary({ query, check }: CheckedQuery, visible: Visible): Record<string, unknown> {
  const { id, name, description, platform, severity, tactics, techniques, tags, version } = query;
  const { schedule, enabled, parameters, keys, notRunnable } = query;
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
    tenants: shownTenants(query, visible),
    parameters,
    keys,
    notRunnable,
    file: fileOf(query),
    check: { ok, errors, warnings },
  };
}

/** The whole query and all that the check says of it; places in the text. */
export function queryView({ query, check }: CheckedQuery, visible: Visible): Record<string, unknown> {
  const { source: _source, ...rest } = query;
  return { ...rest, tenants: shownTenants(query, visible), file: fileOf(query), check };
}

/** What is wrong in the library's files. */
export function problemView(problem: LibraryProblem): LibraryProblem {
  return { ...problem, file: withoutFolder(problem.file) };
}

const fileOf = ({ source }: HuntingQuery): string => withoutFolder(source.file);

/** The file's name without where it stands on this machine. */
const withoutFolder = (file: string): string => file.replace(/^.*\/queries\//, '');

/** A query's schedule in one tenant: when it runs next, how far it has looked, what it found, why it fails. */
export function scheduleView({ tenant, nextDueMs, state }: TenantSchedule): Record<string, unknown> {
  const { dueMs, watermarkMs, lastSuccessMs, failing, gap, counts, active, lastRun } = state ?? {};
  return {
    tenantId: tenant,
    nextDueAt: isoTime(nextDueMs),
    dueAt: isoTime(dueMs),
    lookedUntil: isoTime(watermarkMs),
    lastSuccessAt: isoTime(lastSuccessMs),
    failing: failing && {
      since: isoTime(failing.sinceMs),
      at: isoTime(failing.atMs),
      count: failing.count,
      code: failing.code,
      text: failing.text,
      runId: failing.run,
    },
    gap: gap && { from: isoTime(gap.fromMs), to: isoTime(gap.toMs), at: isoTime(gap.atMs) },
    findings: counts,
    runUnderWay: active?.run,
    lastRun: lastRun && {
      runId: lastRun.run,
      state: lastRun.state,
      endedAt: isoTime(lastRun.endedMs),
      rows: lastRun.rows,
      announced: lastRun.announced,
      learned: lastRun.learned,
      seenAgain: lastRun.seenAgain,
    },
  };
}
