import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { whyNoGuid } from '../id-words.ts';
import { syncSchema } from '../tenant-schema.ts';
import type { SyncPatch, TenantPatch } from '../tenants/changes.ts';
import { factsShape } from '../tenants/record.ts';
import type { Registration } from '../tenants/registry.ts';
import type { TenantState } from '../tenants/states.ts';
import { isGuid } from '../text.ts';
import { type Fields, readFields } from './body.ts';
import { readParameters } from './parameters.ts';

/** States that a caller may ask for: the others are reached by an invitation, and by a removal. */
const ASKABLE = ['active', 'suspended'] as const satisfies readonly TenantState[];

/** Each value its own, or null for the deployment's setting. */
const syncPatchSchema = z
  .strictObject(
    Object.fromEntries(Object.entries(syncSchema.shape).map(([name, value]) => [name, value.nullable()])),
  )
  .partial();

/**
 * The tenant that a request asks to register.
 *
 * @throws OutriderError `request.invalid` naming every fault, `request.too_large`
 */
export async function readRegistration(request: HttpRequest): Promise<Registration> {
  readParameters(request.query).done();
  const fields = await readFields(request);
  const id = fields.text('tenantId', 64) ?? '';
  if (!fields.has('tenantId')) fields.fault('tenantId: is missing: the directory id of the tenant, a GUID.');
  else if (!isGuid(id)) fields.fault(`tenantId: ${whyNoGuid(id)}.`);
  const credential = checkedField(fields, 'credential', factsShape.credential);
  if (!fields.has('credential')) fields.fault('credential: is missing.');
  const registration = {
    id: id.toLowerCase(),
    cloud: fields.text('cloud', 40),
    state: fields.word('state', ASKABLE) ?? 'active',
    ...readFacts(fields),
    credential,
  };
  fields.done();
  return registration as Registration;
}

/** The changes that a request asks for. Errors as `readRegistration`. */
export async function readTenantPatch(
  request: HttpRequest,
): Promise<TenantPatch & { readonly state?: TenantState | undefined }> {
  readParameters(request.query).done();
  const fields = await readFields(request);
  const credential = checkedField(fields, 'credential', factsShape.credential);
  const patch = { ...readFacts(fields), credential, state: fields.word('state', ASKABLE) };
  fields.done();
  return patch as TenantPatch & { readonly state?: TenantState | undefined };
}

/** What may be said of a tenant besides its id and its credential. */
export function readFacts(fields: Fields): Omit<TenantPatch, 'credential'> {
  return {
    name: checkedField(fields, 'name', factsShape.name),
    api: checkedField(fields, 'api', factsShape.api),
    huntingApi: checkedField(fields, 'huntingApi', factsShape.huntingApi),
    sync: checkedField(fields, 'sync', syncPatchSchema) as SyncPatch | undefined,
    groups: checkedField(fields, 'groups', factsShape.groups),
    tags: checkedField(fields, 'tags', factsShape.tags),
  };
}

/** A field by the rules of what is stored; each thing wrong with it is a fault of the body. */
export function checkedField<Value>(
  fields: Fields,
  name: string,
  schema: z.ZodType<Value>,
): Value | undefined {
  if (!fields.has(name)) return undefined;
  const parsed = schema.safeParse(fields.value(name), { error: wordsFor });
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    fields.fault(`${[name, ...path].join('.').slice(0, 200)}: ${message.replace(/^Invalid input: /, '')}.`);
  }
  return undefined;
}

function wordsFor(issue: { readonly code: string; readonly input?: unknown; readonly keys?: unknown }) {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing';
  return undefined;
}
