import type { ApiFamily } from '../tenant.ts';
import type { PaddedTime } from '../time.ts';

export type { IncidentChange, IncidentFields, IncidentUpdater } from './change.ts';

/** One incident as the service sent it, with the few fields that the sync itself reads. */
export interface ReceivedIncident {
  readonly id: string;
  readonly family: ApiFamily;
  /**
   * The JSON text of the incident exactly as received: number spelling, key order and escapes untouched.
   * Where its alerts came in further pages (`alerts@odata.nextLink`) those are spliced into its alerts array
   * and the link is taken out.
   */
  readonly text: string;
  readonly lastUpdate: PaddedTime;
  readonly created: PaddedTime;
  /** Graph's words, whatever the family: `active`, `inProgress`, `resolved`, `redirected`, `awaitingAction` … */
  readonly status: string;
  /** Graph's words: `unknown`, `informational`, `low`, `medium`, `high` … */
  readonly severity: string;
  readonly title: string;
  readonly assignedTo: string | undefined;
  /** Graph's words: `truePositive` …, undefined when not set. */
  readonly classification: string | undefined;
  readonly determination: string | undefined;
  /** Link to the incident in the Defender portal. */
  readonly webUrl: string | undefined;
  /** The incident that this one was merged into. */
  readonly redirectTo: string | undefined;
  /** Number of alerts in `text`; undefined when alerts were not asked for. */
  readonly alertCount: number | undefined;
  /** Ids of the alerts in `text`, where the family has a list of alerts to compare them with. */
  readonly alertIds?: ReadonlySet<string>;
  /** The alerts come from the list of alerts, since the service could not give the incident with them. */
  readonly alertsJoined?: true;
}

/** What an alert tells the sync: which incident to read again. */
export interface ReceivedAlert {
  readonly id: string;
  readonly incidentId: string | undefined;
  readonly lastUpdate: PaddedTime;
  /** The JSON text of the alert exactly as received. */
  readonly text: string;
}

/** One page of a live list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The service's own time, from the response's `Date` header. No local clock decides anything in the sync. */
  readonly serviceTime: PaddedTime;
  /** The service says that there is more. */
  readonly hasMore: boolean;
  /** Size of the body as decoded text, in bytes. */
  readonly bytes: number;
}

/** A window of last-update times: `from <= lastUpdate`, and `lastUpdate < to` when `to` is set. */
export interface Window {
  readonly from: PaddedTime;
  readonly to?: PaddedTime | undefined;
}

/** The answer to a read by id. */
export interface IncidentAnswer {
  /** Undefined when the service does not know the incident (404). */
  readonly incident: ReceivedIncident | undefined;
  /** The service's own time, from the response's `Date` header. */
  readonly serviceTime: PaddedTime;
}

/** A window closed at both ends. */
export interface Slice {
  readonly from: PaddedTime;
  readonly to: PaddedTime;
}

/** What every read carries along. */
export interface Reading {
  readonly tenant: string;
  readonly signal?: AbortSignal | undefined;
  /** Called once for each HTTP request sent upstream, retries included. */
  readonly onCall?: (() => void) | undefined;
}

/** The live incidents of a tenant, by one API family. Errors are OutriderErrors `auth.*`, `upstream.*`, `pace.*`. */
export interface IncidentSource {
  readonly family: ApiFamily;
  /** Largest page the service gives. */
  readonly maxTop: number;
  /**
   * Pages of a window, each next one read only when asked for, by the service's own links, which are followed
   * only to the host they came from. A loop of links is an error (`upstream.unusable_answer`).
   */
  incidentPages(
    query: Reading & { readonly window: Window; readonly top: number; readonly withAlerts: boolean },
  ): AsyncIterable<Page<ReceivedIncident>>;
  /** One incident, alerts included unless told otherwise. */
  incident(query: Reading & { readonly id: string; readonly withAlerts?: boolean }): Promise<IncidentAnswer>;
  /**
   * An incident read without alerts, with those alerts in it that the list of alerts names it for: for when
   * `$expand=alerts` fails. Alerts last updated more than a day before the incident was created are not looked for.
   * Absent where the family has no such list.
   */
  readonly joinAlerts?: (
    query: Reading & { readonly incident: ReceivedIncident },
  ) => Promise<ReceivedIncident>;
  /** Pages of alerts by their own last-update time; absent where the family has no such list. */
  readonly alertPages?: (
    query: Reading & { readonly window: Window; readonly top: number },
  ) => AsyncIterable<Page<ReceivedAlert>>;
}
