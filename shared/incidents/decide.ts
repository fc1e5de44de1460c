import { VERSION_RULE } from './canonical.ts';
import type { ReceivedIncident } from './ports.ts';
import type { IncidentRecord } from './records.ts';

/**
 * What a read incident is, compared with the stored one:
 * - `new`, `changed`: becomes the current version and is announced
 * - `restated`: says the same under another version rule or API family; replaces without being announced
 * - `listedAgain`: the same version of an incident that had not been listed for a while
 * - `superseded`: older than the stored version; goes to history only
 * - `same`, `poorer` (read without its alerts while the stored one has them): nothing to do
 */
export type Verdict = 'new' | 'changed' | 'restated' | 'listedAgain' | 'superseded' | 'same' | 'poorer';

/** Compares what was read, as `version` at service time `observedAt`, with the current record. */
export function decide(
  received: ReceivedIncident,
  version: string,
  observedAt: string,
  current: IncidentRecord | undefined,
): Verdict {
  if (!current) return 'new';
  const sameRule = current.rule === VERSION_RULE && current.family === received.family;
  if (sameRule && current.version === version)
    return current.notSeenSince === undefined ? 'same' : 'listedAgain';
  if (received.lastUpdate < current.lastUpdate) return 'superseded';
  if (received.lastUpdate > current.lastUpdate) return 'changed';
  // Equal times: the later read wins, unless it knows less.
  if (received.alertCount === undefined && current.alerts >= 0) return 'poorer';
  if (received.alertsJoined && !current.alertsJoined && (received.alertCount ?? 0) < current.alerts)
    return 'poorer';
  if (!sameRule) return 'restated';
  return observedAt < current.observedAt ? 'superseded' : 'changed';
}
