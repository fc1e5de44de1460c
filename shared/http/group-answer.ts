import type { HttpResponseInit } from '@azure/functions';
import { absentGroup, type GroupEntry, type HuntGroup } from '../hunting/ask/hunt-group.ts';
import type { RowsPage } from '../hunting/ask/rows-page.ts';
import type { HuntRun } from '../hunting/run/types.ts';
import type { Tenant } from '../tenant.ts';
import { isoTime } from './iso-time.ts';
import {
  accepted,
  groupUrl,
  hasRows,
  isUnderWay,
  nextRowsLink,
  runView,
  textWithRows,
} from './run-answer.ts';

/**
 * Rows in the answer itself: of each tenant, and in characters of all together. The rest is at each run's `rowsUrl`.
 */
export const INLINE_ROWS = { count: 100, mostChars: 4 * 1024 * 1024 } as const;

/** What is known of the runs of a group. */
export interface GroupFacts {
  readonly runs: ReadonlyMap<string, HuntRun>;
  /** Rows that were read, by run. */
  readonly pages: ReadonlyMap<string, RowsPage>;
}

/**
 * One entry for each tenant: its run, or why there is none. 202 while any run is on its way, else 200, whatever
 * became of them: `counts` says at a glance.
 */
export function groupAnswer(group: HuntGroup, facts: GroupFacts, requestUrl: string): HttpResponseInit {
  const states = group.entries.map((entry) => stateOf(entry, facts.runs));
  const location = groupUrl(requestUrl, group.id);
  const counts = Object.fromEntries(
    [...new Set(states)].sort().map((state) => [state, states.filter((other) => other === state).length]),
  );
  const head = {
    groupId: group.id,
    statusUrl: location,
    requestedAt: isoTime(group.requestedMs),
    askedBy: group.askedBy,
    complete: states.every((state) => state === 'succeeded'),
    counts,
  };
  const hunts = group.entries.map((entry) => entryText(entry, facts, requestUrl));
  const underWay = states.filter((state) => isUnderWay({ state }));
  const base = underWay.length > 0 ? accepted(location, underWay) : {};
  const truncated = states.includes('truncated') ? { 'outrider-truncated': 'some' } : {};
  return {
    ...base,
    headers: { ...base.headers, ...truncated, 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(head).slice(0, -1)},"hunts":[${hunts.join(',')}]}`,
  };
}

/**
 * The group as far as the caller may see its tenants.
 *
 * @throws OutriderError `request.not_found` where it may see none of them, as for a group that is not there
 */
export function partOf(group: HuntGroup, visible: readonly Pick<Tenant, 'id'>[]): HuntGroup {
  const ids = new Set(visible.map(({ id }) => id));
  const entries = group.entries.filter(({ tenant }) => ids.has(tenant));
  if (entries.length > 0) return { ...group, entries };
  throw absentGroup();
}

/** A run that was pruned since is shown as failed. */
function stateOf(entry: GroupEntry, runs: GroupFacts['runs']): HuntRun['state'] {
  return 'run' in entry ? (runs.get(entry.run)?.state ?? 'failed') : 'failed';
}

function entryText(entry: GroupEntry, { runs, pages }: GroupFacts, requestUrl: string): string {
  if (!('run' in entry)) {
    const { tenant, failure } = entry;
    return JSON.stringify({ tenantId: tenant, state: 'failed', truncated: false, failure });
  }
  const run = runs.get(entry.run);
  if (!run) {
    const failure = { code: 'request.not_found', text: 'The run is older than what is kept.' };
    return JSON.stringify({
      tenantId: entry.tenant,
      runId: entry.run,
      state: 'failed',
      truncated: false,
      failure,
    });
  }
  const page = pages.get(run.id);
  const view = runView(run, requestUrl);
  if (page === undefined || !hasRows(run)) return JSON.stringify(view);
  return textWithRows(view, page.rows, { nextLink: nextRowsLink(requestUrl, run, page) });
}
