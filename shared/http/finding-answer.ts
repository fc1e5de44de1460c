import type { HttpResponseInit } from '@azure/functions';
import type { Finding, FindingList } from '../hunting/findings/list-findings.ts';
import { isGuid } from '../text.ts';
import { isoTime } from './iso-time.ts';
import { nextLink } from './next-link.ts';
import type { Parameters } from './parameters.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** The tenant that `?tenant=` names; a fault of the parameters where it is none. */
export function findingTenantOf(parameters: Parameters): string {
  const id = parameters.required('tenant', 64);
  if (id !== '' && !isGuid(id)) parameters.fault('tenant: must be a directory id, a GUID.');
  return id.toLowerCase();
}

export function findingsAnswer(tenant: string, list: FindingList, requestUrl: string): HttpResponseInit {
  const items = list.items.map((finding) => findingText(tenant, finding));
  const next =
    list.next === undefined
      ? ''
      : `,"nextLink":${JSON.stringify(nextLink(requestUrl, 'continuationToken', list.next))}`;
  return { headers: JSON_TYPE, body: `{"value":[${items.join(',')}]${next}}` };
}

export function findingAnswer(tenant: string, finding: Finding): HttpResponseInit {
  return { headers: JSON_TYPE, body: findingText(tenant, finding) };
}

/** A finding as callers see it, its row as the service wrote it. */
function findingText(tenant: string, finding: Finding): string {
  const { id, queryId, queryName, queryVersion, severity, state, foundMs, lastSeenMs, endedMs } = finding;
  const { count, times, keys, run, lastRun, sequence, row, rowIsLarge } = finding;
  const view = JSON.stringify({
    id,
    tenantId: tenant,
    queryId,
    queryName,
    queryVersion,
    severity,
    state,
    foundAt: isoTime(foundMs),
    lastSeenAt: isoTime(lastSeenMs),
    endedAt: isoTime(endedMs),
    count,
    times,
    keys,
    runId: run,
    lastRunId: lastRun,
    sequence,
    rowIsLarge,
  });
  return row === undefined ? view : `${view.slice(0, -1)},"row":${row}}`;
}
