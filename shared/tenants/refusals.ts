import { OutriderError } from '../errors.ts';
import { missingFor, type TenantContext } from '../tenant-schema.ts';
import type { TenantRecord } from './record.ts';
import type { Registration } from './registry.ts';
import { mayBegin, type TenantState } from './states.ts';

export function refuseConfigured(configured: ReadonlySet<string>, id: string): void {
  if (!configured.has(id)) return;
  throw new OutriderError(
    'tenant.configured',
    `The tenant ${id} is set in OUTRIDER_TENANTS (or OUTRIDER_TENANT_ID) and is changed there, not here. To manage it here, take it out of the settings and register it; its data stays.`,
    { tenant: id },
  );
}

export function refuseTaken(before: TenantRecord | undefined, { id, state }: Registration): void {
  const last = before && { state: before.state, removed: before.removal?.doneMs !== undefined };
  if (mayBegin(last, state)) return;
  if (last === undefined || last.removed) {
    throw new OutriderError('tenant.state_refused', `A tenant cannot be registered as ${state}.`, {
      tenant: id,
    });
  }
  if (last.state !== 'offboarded') throw exists(id);
  throw new OutriderError(
    'tenant.state_refused',
    `The data of tenant ${id} is still being deleted: it can be registered again when its removal is done. GET /api/tenants/${id} says so.`,
    { tenant: id },
  );
}

export function refuseUnusable({ id, credential }: TenantRecord, context: TenantContext): void {
  const missing = missingFor(credential, context);
  if (missing) throw invalid(id, missing);
}

/**
 * A row's text holds 32 Ki characters, and no try would store more. Less than that, so that whatever is noted of the
 * tenant or the invitation later has its place.
 */
const MOST_CHARS = { tenant: 31_000, invitation: 18_000 } as const;

/** @throws OutriderError `request.invalid` for what would not fit its row */
export function refuseTooLong(what: keyof typeof MOST_CHARS, stored: object): void {
  const chars = JSON.stringify(stored).length;
  if (chars <= MOST_CHARS[what]) return;
  throw new OutriderError(
    'request.invalid',
    `What is to be kept of the ${what} is too long: ${chars} characters as JSON, and there is room for ${MOST_CHARS[what]}. Shorten its tags, or give it fewer groups.`,
  );
}

export function refused({ id, state, removal }: TenantRecord, to: TenantState): OutriderError {
  const why =
    state === 'offboarded'
      ? `was removed: register it again to use it${removal?.doneMs === undefined ? ', once the deletion of its data is done' : ''}`
      : `is ${state} and cannot become ${to}`;
  return new OutriderError('tenant.state_refused', `The tenant ${id} ${why}.`, { tenant: id });
}

export function held({ id, sync }: TenantRecord): OutriderError {
  const where = sync.legalHold ? 'its own sync.legalHold' : 'OUTRIDER_LEGAL_HOLD';
  return new OutriderError(
    'tenant.held',
    `The tenant ${id} is under a legal hold (${where}): nothing of it may be deleted. Suspend it to stop all calls; lift the hold before it is removed.`,
    { tenant: id },
  );
}

export function unknown(id: string): OutriderError {
  return new OutriderError('tenant.unknown', `The tenant ${id} is not registered.`, { tenant: id });
}

export function exists(id: string): OutriderError {
  return new OutriderError(
    'tenant.exists',
    `The tenant ${id} is registered already. Change it with PATCH /api/tenants/${id}.`,
    { tenant: id },
  );
}

export function invalid(id: string, what: string): OutriderError {
  const text = what.charAt(0).toUpperCase() + what.slice(1);
  return new OutriderError('request.invalid', text, { tenant: id });
}

export function changedMeanwhile(id: string): OutriderError {
  return new OutriderError(
    'request.precondition_failed',
    `The tenant ${id} was changed since it was read: If-Match names an older version. Read it again, and repeat the change if it is still right.`,
    { tenant: id },
  );
}
