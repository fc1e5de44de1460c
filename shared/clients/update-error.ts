import { isOutriderError, OutriderError } from '../errors.ts';
import type { IncidentChange } from '../incidents/ports.ts';

/** What a failed change of an incident amounts to: a refusal is about what was sent, so the service's words go along. */
export function updateError(error: unknown, tenant: string, id: string): unknown {
  if (!isOutriderError(error, 'upstream.bad_request')) return error;
  return new OutriderError(
    'incident.update_refused',
    `The service does not take this change of incident ${id} of tenant ${tenant}; its message says why. Nothing was changed.`,
    { ...error.facts, cause: error },
  );
}

/** The comment failed behind fields that are set: whoever asked must not take all of it for undone, nor for done. */
export function halfUpdated(
  error: unknown,
  {
    tenant,
    id,
    change: { fields },
  }: { readonly tenant: string; readonly id: string; readonly change: IncidentChange },
): unknown {
  if (!isOutriderError(error)) return error;
  const set = Object.keys(fields).join(', ');
  return new OutriderError(
    'incident.half_updated',
    `Incident ${id} of tenant ${tenant} has its new ${set}, but whether the comment was added is not known: look at its comments, and send the comment alone if it is missing. What failed: ${error.message}`,
    { ...error.facts, cause: error },
  );
}
