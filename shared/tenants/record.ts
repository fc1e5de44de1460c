import * as z from 'zod';
import { groupName } from '../config-callers.ts';
import { OutriderError } from '../errors.ts';
import type { Columns, Row } from '../storage.ts';
import type { ApiFamily, CloudName, Credential, SyncSettings } from '../tenant.ts';
import {
  credentialSchema,
  familySchema,
  guid,
  nameSchema,
  storedCredentialSchema,
  syncSchema,
} from '../tenant-schema.ts';
import { TENANT_STATES, type TenantState } from './states.ts';

/** Format number of records and of the audit. Readers accept this one; fields that they do not know are kept. */
export const FORMAT = 1;

const ms = z.int().min(0);
const count = z.int().min(0);

export const actorSchema = z.looseObject({
  kind: z.enum(['app', 'user', 'outrider', 'invitation']),
  objectId: z.string().max(100).optional(),
  tenantId: z.string().max(100).optional(),
});

const removal = z.looseObject({
  requestedMs: ms,
  requestedBy: actorSchema,
  pass: z.union([z.literal(1), z.literal(2)]),
  quietUntilMs: ms,
  progressMs: ms,
  counts: z.looseObject({ rows: count, blobs: count }),
  doneMs: ms.optional(),
});

const tagsSchema = z
  .record(
    z.string().regex(/^[^\p{Cc}]{1,100}$/u, 'tags need names of 1 to 100 characters'),
    z.string().max(256),
  )
  .refine((tags) => Object.keys(tags).length <= 50, 'may have 50 tags at most');
const groupsSchema = z.array(groupName).max(100, 'may have 100 groups at most');

/** What may be said of a tenant when it is registered and later. */
export const factsShape = {
  name: nameSchema,
  api: familySchema,
  huntingApi: familySchema,
  credential: credentialSchema,
  sync: syncSchema.partial(),
  groups: groupsSchema,
  tags: tagsSchema,
};

const stored = z.looseObject({
  ...factsShape,
  id: guid,
  cloud: z.enum(['global', 'gcc', 'gcchigh', 'dod']),
  credential: storedCredentialSchema,
  sync: z.looseObject(syncSchema.partial().shape),
  state: z.enum(TENANT_STATES),
  generation: z.int().min(1),
  revision: z.int().min(1),
  createdMs: ms,
  createdBy: actorSchema,
  changedMs: ms,
  changedBy: actorSchema,
  activeUntilMs: ms.optional(),
  removal: removal.optional(),
});

/** Who did something: an app or a person by its ids, an invitation by its own, or Outrider itself. */
export interface Actor {
  readonly kind: 'app' | 'user' | 'outrider' | 'invitation';
  readonly objectId?: string | undefined;
  readonly tenantId?: string | undefined;
}

/** How far the deletion of a tenant's data has come. Times in milliseconds since 1970 UTC. */
export interface Removal {
  readonly requestedMs: number;
  readonly requestedBy: Actor;
  /** Everything is deleted twice; the second time when nobody can be at work any more. */
  readonly pass: 1 | 2;
  /** The second pass begins then; the first one at once. */
  readonly quietUntilMs: number;
  /** When it last got on. */
  readonly progressMs: number;
  /** What was deleted, at least: a slice that died is not counted. */
  readonly counts: { readonly rows: number; readonly blobs: number };
  readonly doneMs?: number | undefined;
}

/** Facts of a tenant that callers give. */
export interface TenantFacts {
  readonly name: string;
  readonly api: ApiFamily;
  readonly huntingApi: ApiFamily;
  readonly credential: Credential;
  /** What differs from the deployment's settings. */
  readonly sync: Partial<SyncSettings>;
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** A registered tenant as it is stored. Times in milliseconds since 1970 UTC. */
export interface TenantRecord extends TenantFacts {
  readonly id: string;
  readonly cloud: CloudName;
  readonly state: TenantState;
  /** Times that it was registered, this one included. */
  readonly generation: number;
  /** Grows by one with each change: the ETag that callers see, and the place of the change in the audit. */
  readonly revision: number;
  readonly createdMs: number;
  readonly createdBy: Actor;
  readonly changedMs: number;
  readonly changedBy: Actor;
  /** When it was last active; undefined while it is, and where it never was. */
  readonly activeUntilMs?: number | undefined;
  /** Only once it is offboarded. */
  readonly removal?: Removal | undefined;
}

export function recordColumns(record: TenantRecord, writer: string): Columns {
  return { v: FORMAT, writer, record: JSON.stringify(record) };
}

/** @throws OutriderError `storage.unreadable` naming the tenant and what is wrong with its record */
export function decodeRecord(id: string, { columns: { v, record } }: Row): TenantRecord {
  if (v !== FORMAT || typeof record !== 'string') {
    throw unreadable(
      id,
      `has format ${v}; this version of Outrider reads format ${FORMAT}. Deploy the version that wrote it`,
    );
  }
  const parsed = stored.safeParse(parse(record));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw unreadable(
      id,
      `is not as it should be (${faults.join('; ')}). Correct the row t|${id} of the table OutriderTenants, or delete it and register the tenant again`,
    );
  }
  if (parsed.data.id !== id) throw unreadable(id, `names another tenant, ${parsed.data.id}`);
  return parsed.data as unknown as TenantRecord;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(id: string, what: string): OutriderError {
  return new OutriderError(
    'storage.unreadable',
    `The stored record of tenant ${id} ${what}. Until then the tenant is left out: nothing is read from it.`,
    { tenant: id },
  );
}
