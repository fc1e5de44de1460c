import type { HttpResponseInit } from '@azure/functions';
import type { UserHunt } from '../hunting/ask/hunt-as-user.ts';
import type { PreparedHunt } from '../hunting/ask/prepare-hunt.ts';
import { isoTime } from './iso-time.ts';
import { jsonWithRows, truncationHeaders } from './run-answer.ts';

/**
 * A hunt in a user's name as an answer: the fields of a run, without those of one that is kept. All rows are in it; where
 * some are missing it says so, in a header too.
 */
export function userHuntAnswer(
  tenantId: string,
  { asked, found }: { readonly asked: PreparedHunt; readonly found: UserHunt },
): HttpResponseInit {
  const { text, parameters, timespan, maxRows, query, origin, askedBy } = asked;
  const { state, truncation, rows, columns, beganMs, endedMs, received, calls } = found;
  const view = {
    tenantId,
    state,
    truncated: state === 'truncated',
    truncation,
    rowCount: rows.length,
    origin,
    askedBy,
    actAs: 'user',
    queryId: query?.id,
    queryVersion: query?.version,
    beganAt: isoTime(beganMs),
    endedAt: isoTime(endedMs),
    bytesReceived: received,
    calls,
    query: text,
    parameters,
    timespan,
    maxRows,
    columns,
  };
  return jsonWithRows({ headers: truncationHeaders({ state, truncation }) }, view, rows, {});
}
