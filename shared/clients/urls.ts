import { type Concern, unusable } from './upstream-error.ts';

/**
 * An id as one segment of a URL's path: `/`, `#`, `?` and `%` in it change nothing but itself.
 *
 * @throws OutriderError `upstream.unusable_answer` for the few ids that no segment can stand for: empty, `.` and
 * `..`, which a URL parser takes for directories even when encoded, and lone surrogates.
 */
export function pathSegment(call: Concern, id: string): string {
  if (id === '' || id === '.' || id === '..' || !id.isWellFormed()) {
    throw unusable(call, 'an id that no URL can name');
  }
  return encodeURIComponent(id);
}

/** Where people look at an incident in the Defender portal. */
export function incidentWebUrl(portal: string, tenantId: string, incidentId: string): string {
  return `${portal}/incident2/${encodeURIComponent(incidentId.toWellFormed())}/overview?tid=${tenantId}`;
}

/** Where people look at an alert in the Defender portal. */
export function alertWebUrl(portal: string, tenantId: string, alertId: string): string {
  return `${portal}/alerts/${encodeURIComponent(alertId.toWellFormed())}?tid=${tenantId}`;
}
