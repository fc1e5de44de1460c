import { createHash } from 'node:crypto';
import type { HttpResponseInit } from '@azure/functions';
import type { KnownTenant } from '../app-tenants.ts';
import type { SyncSettings, Tenant } from '../tenant.ts';
import type { AuditEntry } from '../tenants/audit.ts';
import type { Listed } from '../tenants/list-tenants.ts';
import type { Actor, TenantRecord } from '../tenants/record.ts';
import { syncOf } from '../tenants/tenant-of.ts';
import { etagOf } from './if-match.ts';
import { isoTime } from './iso-time.ts';

/** A tenant as callers see it. No secret is part of it: a credential names where its secret is kept. */
export function tenantView(known: KnownTenant, defaults: SyncSettings): Readonly<Record<string, unknown>> {
  return known.source === 'registry' ? recordView(known.record, defaults) : settingsView(known.tenant);
}

function recordView(record: TenantRecord, defaults: SyncSettings) {
  const { id, name, state, cloud, api, huntingApi, credential, groups, tags, revision, generation } = record;
  return {
    tenantId: id,
    name,
    source: 'registry',
    state,
    cloud,
    api,
    huntingApi,
    credential,
    sync: syncOf(record, defaults),
    /** What of it is the tenant's own. */
    ownSync: record.sync,
    groups,
    tags,
    registrations: generation,
    createdAt: isoTime(record.createdMs),
    createdBy: actorView(record.createdBy),
    changedAt: isoTime(record.changedMs),
    changedBy: actorView(record.changedBy),
    removal: removalView(record),
    etag: etagOf(revision),
  };
}

function removalView({ removal }: TenantRecord) {
  if (!removal) return undefined;
  const { requestedMs, requestedBy, quietUntilMs, doneMs, counts } = removal;
  return {
    requestedAt: isoTime(requestedMs),
    requestedBy: actorView(requestedBy),
    done: doneMs !== undefined,
    doneAt: isoTime(doneMs),
    notDoneBefore: doneMs === undefined ? isoTime(quietUntilMs) : undefined,
    rowsDeleted: counts.rows,
    blobsDeleted: counts.blobs,
  };
}

function settingsView({ id, name, enabled, cloud, api, huntingApi, credential, sync, groups = [] }: Tenant) {
  const view = {
    tenantId: id,
    name,
    source: 'settings',
    state: enabled ? 'active' : 'suspended',
    cloud,
    api,
    huntingApi: huntingApi ?? 'graph',
    credential,
    sync,
    groups,
    tags: {},
  };
  const digest = createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 16);
  return { ...view, etag: `"settings-${digest}"` };
}

/** One tenant, with its ETag. */
export function tenantAnswer(known: KnownTenant, defaults: SyncSettings, status = 200): HttpResponseInit {
  const view = tenantView(known, defaults);
  return { status, headers: { etag: String(view.etag) }, jsonBody: view };
}

export function auditView({ revision, atMs, by, action, state, changes }: AuditEntry) {
  return { revision, at: isoTime(atMs), by: actorView(by), action, state, changes };
}

function actorView({ kind, objectId, tenantId }: Actor): Actor {
  return { kind, objectId, tenantId };
}

/** What a listing of tenants goes by. */
export function listedTenant(known: KnownTenant): Listed {
  if (known.source === 'registry') return known.record;
  const { id, enabled, groups = [] } = known.tenant;
  return { id, state: enabled ? 'active' : 'suspended', groups };
}
