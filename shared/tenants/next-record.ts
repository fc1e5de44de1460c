import { wrongCloud } from '../tenant-schema.ts';
import type { AuditAction } from './audit.ts';
import { patchedSync } from './changes.ts';
import type { Actor, TenantRecord } from './record.ts';
import { invalid, refuseUnusable } from './refusals.ts';
import type { Registration, RegistryOptions } from './registry.ts';
import type { TenantState } from './states.ts';

/**
 * A function of the platform ends after ten minutes (host.json), and an instance that is cut off from the registry may
 * go by a list of five.
 */
const QUIET_MS = 16 * 60_000;

/** With its new revision, and who made it. */
export function stamped(next: TenantRecord, before: TenantRecord, actor: Actor, nowMs: number): TenantRecord {
  const left = before.state === 'active' && next.state !== 'active';
  const { activeUntilMs: known, ...rest } = next;
  const activeUntilMs = left ? nowMs : next.state === 'active' ? undefined : known;
  return {
    ...rest,
    ...(activeUntilMs === undefined ? {} : { activeUntilMs }),
    revision: before.revision + 1,
    changedMs: nowMs,
    changedBy: actor,
  };
}

/** Out of service, and its data to be deleted. */
export function offboarded(record: TenantRecord, actor: Actor, nowMs: number): TenantRecord {
  const lastActiveMs = record.state === 'active' ? nowMs : record.activeUntilMs;
  const removal = {
    requestedMs: nowMs,
    requestedBy: actor,
    pass: 1,
    quietUntilMs: lastActiveMs === undefined ? nowMs : Math.max(nowMs, lastActiveMs + QUIET_MS),
    progressMs: nowMs,
    counts: { rows: 0, blobs: 0 },
  } as const;
  return { ...record, state: 'offboarded', removal };
}

/** A registration: the first, or another one behind those before. */
export function newRecord(
  registration: Registration,
  before: TenantRecord | undefined,
  actor: Actor,
  { context, clock }: Pick<RegistryOptions, 'context' | 'clock'>,
): TenantRecord {
  const { id, cloud, name, api, huntingApi, credential, sync, groups, tags, state } = registration;
  const elsewhere = wrongCloud(cloud, context);
  if (elsewhere) throw invalid(id, elsewhere);
  const nowMs = clock.now();
  const record: TenantRecord = {
    id,
    name: name ?? id,
    cloud: context.cloud,
    api: api ?? 'graph',
    huntingApi: huntingApi ?? 'graph',
    credential,
    sync: patchedSync({}, sync ?? {}),
    groups: groups ?? [],
    tags: tags ?? {},
    state,
    generation: (before?.generation ?? 0) + 1,
    revision: (before?.revision ?? 0) + 1,
    createdMs: nowMs,
    createdBy: actor,
    changedMs: nowMs,
    changedBy: actor,
  };
  refuseUnusable(record, context);
  return record;
}

export function actionOf(from: TenantState, to: TenantState): AuditAction {
  if (from === to) return 'changed';
  if (to === 'active') return from === 'suspended' ? 'resumed' : 'activated';
  if (to === 'suspended' || to === 'invited' || to === 'consented') return to;
  return 'changed';
}
