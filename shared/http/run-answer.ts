import type { HttpResponseInit } from '@azure/functions';
import type { RowsPage } from '../hunting/ask/rows-page.ts';
import type { HuntRun, HuntRunDetails } from '../hunting/run/types.ts';
import { isoTime } from './iso-time.ts';

/** Clients ask again after so many seconds; of a run that waits for quota, which takes minutes, less often. */
const RETRY_AFTER_SECONDS = 2;
const THROTTLED_RETRY_AFTER_SECONDS = 30;

/** States in which a run is still on its way. */
const UNDER_WAY: ReadonlySet<HuntRun['state']> = new Set(['queued', 'running', 'throttled']);

export const isUnderWay = ({ state }: Pick<HuntRun, 'state'>): boolean => UNDER_WAY.has(state);
export const hasRows = ({ state }: Pick<HuntRun, 'state'>): boolean =>
  state === 'succeeded' || state === 'truncated';

const addressOf = (requestUrl: string, path: string): string => new URL(path, requestUrl).href;
const runUrl = (requestUrl: string, run: string): string => addressOf(requestUrl, `/api/hunts/${run}`);
export const groupUrl = (requestUrl: string, group: string): string =>
  addressOf(requestUrl, `/api/hunts/groups/${group}`);

/** A run as callers see it; times in ISO 8601, UTC. */
export function runView(run: HuntRun, requestUrl: string): Record<string, unknown> {
  const { id, tenant, query, requestedMs, beganMs, endedMs, waitsUntilMs, waitsFor, rows, ...rest } = run;
  const { state, origin, askedBy, group, bytes, received, calls, truncation } = rest;
  const { failure, cancelledBy, supersededBy } = rest;
  const statusUrl = runUrl(requestUrl, id);
  return {
    runId: id,
    tenantId: tenant,
    state,
    // In every answer, so that nobody has to know all states to see it.
    truncated: state === 'truncated',
    truncation,
    failure,
    rowCount: rows,
    origin,
    askedBy,
    queryId: query?.id,
    queryVersion: query?.version,
    group,
    requestedAt: isoTime(requestedMs),
    beganAt: isoTime(beganMs),
    endedAt: isoTime(endedMs),
    waitsUntil: isoTime(waitsUntilMs),
    waitsFor,
    bytes,
    bytesReceived: received,
    calls,
    cancelledBy,
    supersededBy,
    statusUrl,
    ...(hasRows(run) ? { rowsUrl: `${statusUrl}/rows` } : {}),
  };
}

/** The same with what was asked and found. */
function detailsView(run: HuntRunDetails, requestUrl: string): Record<string, unknown> {
  const { text, parameters, timespan, maxRows, columns, slices } = run;
  return { ...runView(run, requestUrl), query: text, parameters, timespan, maxRows, columns, slices };
}

/**
 * 202 in the form that Logic Apps follow by themselves while the run is on its way, else 200, with rows where they
 * were read.
 */
export function runAnswer(run: HuntRunDetails, requestUrl: string, page?: RowsPage): HttpResponseInit {
  const view = detailsView(run, requestUrl);
  if (isUnderWay(run)) return { ...accepted(runUrl(requestUrl, run.id), [run.state]), jsonBody: view };
  if (page === undefined) return { headers: truncationHeaders(run), jsonBody: view };
  const after = { nextLink: nextRowsLink(requestUrl, run, page) };
  return jsonWithRows({ headers: truncationHeaders(run) }, view, page.rows, after);
}

/** @param states of the runs that are waited for */
export function accepted(location: string, states: readonly HuntRun['state'][]): HttpResponseInit {
  const waits = states.every((state) => state === 'throttled');
  const seconds = waits ? THROTTLED_RETRY_AFTER_SECONDS : RETRY_AFTER_SECONDS;
  return { status: 202, headers: { location, 'retry-after': String(seconds) } };
}

/** Where rows are missing each answer says so in a header too, for forms that have no place for it. */
export function truncationHeaders({
  state,
  truncation,
}: Pick<HuntRun, 'state' | 'truncation'>): Record<string, string> {
  return state === 'truncated' ? { 'outrider-truncated': truncation?.reason ?? 'service' } : {};
}

export function nextRowsLink(
  requestUrl: string,
  { id }: Pick<HuntRun, 'id'>,
  { next, rows }: RowsPage,
  top: number = rows.length,
): string | undefined {
  if (next === undefined) return undefined;
  const link = new URL(`${runUrl(requestUrl, id)}/rows`);
  link.searchParams.set('from', String(next));
  link.searchParams.set('top', String(Math.max(1, top)));
  return link.href;
}

/** Rows go into the answer as the service wrote them: a number beyond 2^53 stays what it is. */
export function jsonWithRows(
  answer: HttpResponseInit,
  before: object,
  rows: readonly string[],
  after: object,
): HttpResponseInit {
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': 'application/json; charset=utf-8' },
    body: textWithRows(before, rows, after),
  };
}

/** The text of a JSON object with `rows` between other members. */
export function textWithRows(before: object, rows: readonly string[], after: object): string {
  const [first, last] = [JSON.stringify(before).slice(1, -1), JSON.stringify(after).slice(1, -1)];
  const members = [first, `"rows":[${rows.join(',')}]`, last].filter((part) => part !== '');
  return `{${members.join(',')}}`;
}
