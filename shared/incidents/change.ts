import type { ReceivedIncident } from './ports.ts';

/** The states that a person may put an incident into. */
export const SETTABLE_STATUSES = ['active', 'inProgress', 'resolved'] as const;
/** Graph's words: microsoft.graph.security.alertClassification. */
export const CLASSIFICATIONS = [
  'unknown',
  'falsePositive',
  'truePositive',
  'informationalExpectedActivity',
] as const;
/** Graph's words as its metadata has them; its page about updating alerts has others for some. */
export const DETERMINATIONS = [
  'unknown',
  'malware',
  'phishing',
  'multiStagedAttack',
  'maliciousUserActivity',
  'compromisedAccount',
  'unwantedSoftware',
  'securityTesting',
  'lineOfBusinessApplication',
  'confirmedActivity',
  'notMalicious',
  'notEnoughDataToValidate',
  'apt',
  'securityPersonnel',
  'other',
] as const;

/** Properties of an incident to set, in Graph's words; what is absent stays as it is. */
export interface IncidentFields {
  readonly status?: (typeof SETTABLE_STATUSES)[number] | undefined;
  /** null: nobody. */
  readonly assignedTo?: string | null | undefined;
  readonly classification?: (typeof CLASSIFICATIONS)[number] | undefined;
  readonly determination?: (typeof DETERMINATIONS)[number] | undefined;
  /** All that the incident has afterwards. */
  readonly customTags?: readonly string[] | undefined;
}

/** A change of an incident: at least one field, or a comment. */
export interface IncidentChange {
  readonly fields: IncidentFields;
  /** Added to those that there are. */
  readonly comment?: string | undefined;
}

/** The names of what a change sets, for logs and texts. */
export function namesOf({ fields, comment }: IncidentChange): readonly string[] {
  const set = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return comment === undefined ? set : [...set, 'comment'];
}

/** Changes incidents of a tenant, by one API family. */
export interface IncidentUpdater {
  /**
   * The incident as the service has it after the change; undefined when it does not know the incident (404).
   *
   * @throws OutriderError `incident.update_refused` when the service does not take the change, with its own words;
   * `incident.half_updated` when the fields are set and the comment is not known to be added; else `auth.*`, `user.*`,
   * `upstream.*`, `pace.*`
   */
  update(order: {
    readonly tenant: string;
    readonly id: string;
    readonly change: IncidentChange;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ReceivedIncident | undefined>;
}
