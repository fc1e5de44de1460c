import type { LabAnswer, LabCaller, LabRequest } from '../service.ts';
import { ApiFault } from './api-fault.ts';
import type { LiveTenant } from './defender.ts';
import {
  asWritten,
  authorOf,
  bad,
  type PatchReaders,
  readObject,
  readPatch,
  text,
  texts,
  word,
} from './incident-patch.ts';
import { generatedVersion, type ServedIncident } from './served.ts';
import type { IncidentPatch } from './tenant.ts';

/** A request that has passed sign-in, permission and quota. */
export interface XdrWrite {
  readonly request: LabRequest;
  readonly tenant: LiveTenant;
  readonly caller: LabCaller;
}

/**
 * Properties and words of https://learn.microsoft.com/defender-xdr/api-update-incidents, with those of the page about
 * reading that differ: the page shows only the former as input.
 */
const READERS: PatchReaders = {
  status: word('status', { Active: 'active', InProgress: 'inProgress', Resolved: 'resolved' }),
  assignedTo: text('assignedTo'),
  classification: word('classification', {
    Unknown: 'unknown',
    TruePositive: 'truePositive',
    InformationalExpectedActivity: 'informationalExpectedActivity',
    FalsePositive: 'falsePositive',
  }),
  determination: word('determination', {
    ...asWritten(
      'multiStagedAttack',
      'maliciousUserActivity',
      'malware',
      'phishing',
      'unwantedSoftware',
      'other',
    ),
    ...asWritten('compromisedAccount', 'securityTesting', 'lineOfBusinessApplication', 'confirmedActivity'),
    Clean: 'notMalicious',
    NoEnoughDataToValidate: 'notEnoughDataToValidate',
    NotAvailable: 'unknown',
  }),
  tags: texts('customTags'),
};

/** Changes an incident, comment included, all or nothing: 200 with the whole incident. */
export function updateXdrIncident(
  { request, tenant, caller }: XdrWrite,
  id: string,
  render: (served: ServedIncident) => string,
): LabAnswer {
  const { comment, ...fields } = readObject(request.body);
  const patch: IncidentPatch = readPatch(Buffer.from(JSON.stringify(fields)), READERS);
  if (comment !== undefined && typeof comment !== 'string') throw bad("The value of 'comment' is not valid.");
  if (!tenant.get(id)) throw new ApiFault(404, 'NotFound', `Incident ${id} was not found.`);
  const by = authorOf(caller);
  const changed = tenant.updateIncident(id, { ...patch, lastModifiedBy: by });
  const incident = comment === undefined ? changed : tenant.addComment(id, comment, by);
  const context = `https://${request.url.host}/api/$metadata#Incidents/$entity`;
  const body = render({ ...generatedVersion(incident), order: 0 });
  return {
    status: 200,
    headers: { 'content-type': 'application/json; odata.metadata=minimal; charset=utf-8' },
    body: `{"@odata.context":${JSON.stringify(context)},${body.slice(1)}`,
  };
}
