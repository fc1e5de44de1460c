import {
  CLASSIFICATIONS,
  DETERMINATIONS,
  type IncidentChange,
  type IncidentFields,
  namesOf,
  SETTABLE_STATUSES,
} from '../incidents/change.ts';
import type { Fields } from './body.ts';

const MOST_NAME_CHARS = 1_000;
const MOST_COMMENT_CHARS = 30_000;
const MOST_TAGS = 100;

/**
 * The change of an incident that a body asks for, in Graph's words whatever API the tenant has.
 *
 * @throws OutriderError `request.invalid` naming every fault; for a body that changes nothing, too
 */
export function readIncidentChange(fields: Fields): IncidentChange {
  const change: IncidentChange = {
    fields: given({
      status: fields.word('status', SETTABLE_STATUSES),
      assignedTo: fields.isNull('assignedTo') ? null : fields.text('assignedTo', MOST_NAME_CHARS),
      classification: fields.word('classification', CLASSIFICATIONS),
      determination: fields.word('determination', DETERMINATIONS),
      customTags: fields.texts('customTags', MOST_TAGS, 0),
    }),
    comment: fields.text('comment', MOST_COMMENT_CHARS),
  };
  refuseEmpty(fields, change);
  fields.done();
  return change;
}

/** Null elsewhere would be taken for absent; the caller must not believe that it emptied anything. */
const NEVER_NULL = ['status', 'classification', 'determination', 'customTags', 'comment', 'actAs'];

function refuseEmpty(fields: Fields, change: IncidentChange): void {
  for (const name of NEVER_NULL) {
    if (fields.isNull(name)) fields.fault(`${name}: must not be null; leave it out to keep what there is.`);
  }
  if (change.fields.assignedTo === '' || change.comment?.trim() === '') {
    fields.fault('assignedTo, comment: must not be empty; to assign an incident to nobody say null.');
  }
  const names = ['status', 'assignedTo', 'classification', 'determination', 'customTags', 'comment'];
  if (namesOf(change).length === 0 && !names.some((name) => fields.has(name))) {
    fields.fault(`Nothing is to be changed: send at least one of ${names.join(', ')}.`);
  }
}

function given(fields: IncidentFields): IncidentFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
